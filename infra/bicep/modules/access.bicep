// Every role that anybody has. Roles are on containers and queues where they can be; the explorer has none, it only calls
// the API.

@description('Required. Account of the Functions host: deployment packages, keys, leases.')
param hostStorageName string

@description('Required. Account of models, scenes and predictions.')
param dataStorageName string

@description('Required. Queues of the data account.')
param queueNames string[]

@description('Required. Application Insights.')
param appInsightsName string

@description('Required. Object id of the API\'s identity.')
param apiPrincipalId string

@description('Optional. Object id of the publisher of models; empty for none.')
param publisherPrincipalId string = ''

@description('Optional. Object id of the topic that tells of uploads; empty for none.')
param topicPrincipalId string = ''

@description('Optional. Queue that it tells.')
param topicQueueName string = ''

@description('Required. Object id of whoever fills the data account.')
param deployerPrincipalId string

@description('Required. What deployerPrincipalId is.')
param deployerPrincipalType string

// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var blobDataReader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
var queueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var queueDataMessageSender = 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
var monitoringMetricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

var grants = concat(
  [
    { container: 'models', role: blobDataReader, principalId: apiPrincipalId }
    { container: 'scenes', role: blobDataReader, principalId: apiPrincipalId }
    { container: 'predictions', role: blobDataContributor, principalId: apiPrincipalId }
    { container: 'batches', role: blobDataContributor, principalId: apiPrincipalId }
  ],
  empty(publisherPrincipalId)
    ? []
    : [{ container: 'models', role: blobDataContributor, principalId: publisherPrincipalId }]
)

// Reading, deleting and sending messages have smaller roles. But before the host sends (output binding, poison queue), it
// asks for the queue to be created, even where there is one, and only Contributor may. The scale controller reads lengths
// with the same identity. Nobody asks for anything about the account, so the roles are on its queues.
var queueGrants = concat(
  map(queueNames, name => { queue: name, role: queueDataContributor, principalId: apiPrincipalId }),
  empty(topicPrincipalId)
    ? []
    : [{ queue: topicQueueName, role: queueDataMessageSender, principalId: topicPrincipalId }]
)

resource hostStorage 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: hostStorageName
}

resource dataStorage 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: dataStorageName
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-08-01' existing = {
  parent: dataStorage
  name: 'default'
}

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' existing = [
  for grant in grants: {
    parent: blobs
    name: grant.container
  }
]

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-08-01' existing = {
  parent: dataStorage
  name: 'default'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-08-01' existing = [
  for grant in queueGrants: {
    parent: queueService
    name: grant.queue
  }
]

resource appInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: appInsightsName
}

resource onContainers 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (grant, i) in grants: {
    name: guid(dataStorage.id, grant.container, grant.principalId, grant.role)
    scope: containers[i]
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
      principalId: grant.principalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource onQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (grant, i) in queueGrants: {
    name: guid(dataStorage.id, 'queue', grant.queue, grant.principalId, grant.role)
    scope: queues[i]
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
      principalId: grant.principalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource apiOnHostStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(hostStorage.id, apiPrincipalId, blobDataOwner)
  scope: hostStorage
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataOwner)
    principalId: apiPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource apiOnTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(appInsights.id, apiPrincipalId, monitoringMetricsPublisher)
  scope: appInsights
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisher)
    principalId: apiPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource deployerOnData 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(dataStorage.id, deployerPrincipalId, blobDataContributor)
  scope: dataStorage
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
    principalId: deployerPrincipalId
    principalType: deployerPrincipalType
  }
}
