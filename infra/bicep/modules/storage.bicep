// A storage account without keys: Entra identities only, nothing public but the static site.

import { Context } from 'types.bicep'

@description('Required. Location, tags and token.')
param context Context

@description('Required. Start of the account\'s name, before the token.')
@maxLength(11)
param prefix string

@description('Required. Redundancy.')
param redundancy string

@description('Required. Private containers.')
param containers string[]

@description('Optional. Queues.')
param queues string[] = []

@description('Required. Days in which deleted blobs and replaced versions can be restored.')
param recoveryDays int

@description('Required. Whether the account can be reached from the internet, with an identity.')
param publicAccess bool

@description('Optional. Addresses (CIDR) that may reach an account which is otherwise private.')
param ipRanges string[] = []

@description('Optional. Blobs whose names start so, container included, are deleted after expiryDays; empty for none.')
param expiringPrefix string = ''

@description('Optional. Days after which they are deleted.')
param expiryDays int = 30

@description('Optional. Serve the container $web as a website.')
param staticWebsite bool = false

@description('Optional. Log who writes and deletes blobs.')
param logWrites bool = false

var replacedVersions = {
  name: 'delete-replaced-versions'
  enabled: true
  type: 'Lifecycle'
  definition: {
    filters: { blobTypes: ['blockBlob'] }
    actions: { version: { delete: { daysAfterCreationGreaterThan: recoveryDays } } }
  }
}

var expiring = {
  name: 'delete-old-blobs'
  enabled: true
  type: 'Lifecycle'
  definition: {
    filters: { blobTypes: ['blockBlob'], prefixMatch: [expiringPrefix] }
    actions: {
      baseBlob: { delete: { daysAfterModificationGreaterThan: expiryDays } }
      version: { delete: { daysAfterCreationGreaterThan: 1 } }
    }
  }
}

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' = {
  name: '${prefix}${context.token}'
  location: context.location
  tags: context.tags
  kind: 'StorageV2'
  sku: { name: redundancy }
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
      ipRules: [for range in publicAccess ? [] : ipRanges: { value: range, action: 'Allow' }]
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-08-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: true
    deleteRetentionPolicy: { enabled: true, days: recoveryDays }
    containerDeleteRetentionPolicy: { enabled: true, days: recoveryDays }
    staticWebsite: { enabled: staticWebsite, indexDocument: staticWebsite ? 'index.html' : null }
  }
}

resource privateContainers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' = [
  for container in containers: {
    parent: blobs
    name: container
    properties: { publicAccess: 'None' }
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

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-08-01' = {
  parent: account
  name: 'default'
  // A rule for versions is refused while versioning is off.
  dependsOn: [blobs]
  properties: { policy: { rules: concat([replacedVersions], empty(expiringPrefix) ? [] : [expiring]) } }
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: 'log-${context.token}'
}

// The stable 2016-09-01, which the linter proposes, is older: it knows one setting only, and no categories of metrics.
#disable-next-line use-recent-api-versions
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (logWrites) {
  name: 'to-log-analytics'
  scope: blobs
  properties: {
    workspaceId: workspace.id
    logs: [
      { category: 'StorageWrite', enabled: true }
      { category: 'StorageDelete', enabled: true }
    ]
  }
}

@description('Origin of the static site, without a slash at the end.')
output siteUrl string = 'https://${split(account.properties.primaryEndpoints.web, '/')[2]}'
