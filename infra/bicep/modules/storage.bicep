// A storage account that knows no keys: Entra identities only, nothing public but the static site.

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags object

@description('Required. Name of the account: 3 to 24 small letters and digits.')
@minLength(3)
@maxLength(24)
param name string

@description('Required. Redundancy.')
param redundancy string

@description('Required. Private containers.')
param containers string[]

@description('Optional. Queues.')
param queues string[] = []

@description('Optional. A topic of what happens to the blobs.')
param eventTopic bool = false

@description('Required. Days that deleted blobs and replaced versions can be brought back.')
param recoveryDays int

@description('Required. Whether the account can be reached from the internet, with an identity.')
param publicAccess bool

@description('Optional. Addresses (CIDR) that may reach an account which is otherwise private.')
param ipRanges string[] = []

@description('Optional. Blobs whose names begin so, container included, are deleted when they are old; empty for none.')
param expiringPrefix string = ''

@description('Optional. Days after which they are old.')
param expiryDays int = 30

@description('Optional. Serve the container $web as a website.')
param staticWebsite bool = false

@description('Optional. Log who writes and deletes blobs.')
param logWrites bool = false

@description('Required. Workspace that metrics and logs go to.')
param workspaceId string

var replacedVersions = {
  name: 'delete-replaced-versions'
  enabled: true
  type: 'Lifecycle'
  definition: {
    filters: {
      blobTypes: ['blockBlob']
    }
    actions: {
      version: {
        delete: {
          daysAfterCreationGreaterThan: recoveryDays
        }
      }
    }
  }
}

var expiring = {
  name: 'delete-old-predictions'
  enabled: true
  type: 'Lifecycle'
  definition: {
    filters: {
      blobTypes: ['blockBlob']
      prefixMatch: [expiringPrefix]
    }
    actions: {
      baseBlob: {
        delete: {
          daysAfterModificationGreaterThan: expiryDays
        }
      }
      version: {
        delete: {
          daysAfterCreationGreaterThan: 1
        }
      }
    }
  }
}

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: redundancy
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicAccess || !empty(ipRanges) ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: publicAccess ? 'Allow' : 'Deny'
      ipRules: [
        for range in publicAccess ? [] : ipRanges: {
          value: range
          action: 'Allow'
        }
      ]
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-08-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: true
    deleteRetentionPolicy: {
      enabled: true
      days: recoveryDays
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: recoveryDays
    }
    staticWebsite: {
      enabled: staticWebsite
      indexDocument: staticWebsite ? 'index.html' : null
    }
  }
}

resource privateContainers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' = [
  for container in containers: {
    parent: blobs
    name: container
    properties: {
      publicAccess: 'None'
    }
  }
]

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-08-01' = if (!empty(queues)) {
  parent: account
  name: 'default'
}

resource messages 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-08-01' = [
  for queue in queues: {
    parent: queueService
    name: queue
  }
]

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = if (eventTopic) {
  name: 'evgt-${name}'
  location: location
  tags: tags
  // Not user-assigned, as elsewhere: only a system-assigned identity gets through the firewall of an account in a network.
  // https://learn.microsoft.com/azure/event-grid/handler-storage-queues
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    source: account.id
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-08-01' = {
  parent: account
  name: 'default'
  // A rule for versions is refused while versioning is off.
  dependsOn: [blobs]
  properties: {
    policy: {
      rules: concat([replacedVersions], empty(expiringPrefix) ? [] : [expiring])
    }
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: blobs
  properties: {
    workspaceId: workspaceId
    logs: [
      for category in logWrites ? ['StorageWrite', 'StorageDelete'] : []: {
        category: category
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'Transaction'
        enabled: true
      }
    ]
  }
}

// Metrics only: a log would have three rows for each message.
resource queueDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (!empty(queues)) {
  name: 'to-log-analytics'
  scope: queueService
  properties: {
    workspaceId: workspaceId
    metrics: [
      {
        category: 'Transaction'
        enabled: true
      }
    ]
  }
}

@description('Name of the account.')
output name string = account.name

@description('Where blobs are, without a slash at the end.')
output blobUrl string = 'https://${account.name}.blob.${environment().suffixes.storage}'

@description('Where queues are, without a slash at the end.')
output queueUrl string = 'https://${account.name}.queue.${environment().suffixes.storage}'

@description('Name of the topic, or empty.')
output topicName string = eventTopic ? topic!.name : ''

@description('Object id of the topic, or empty.')
output topicPrincipalId string = eventTopic ? topic!.identity.principalId : ''

@description('Origin of the static site, without a slash at the end.')
output siteUrl string = substring(account.properties.primaryEndpoints.web, 0, length(account.properties.primaryEndpoints.web) - 1)
