// Every identity, and every role that anybody has but the topic of uploads.bicep. Roles are on containers and queues where
// they can be. The explorer has none: it only calls the API. Names of assignments are made of what is known before the
// deployment, so that what-if shows all of them.

import { Context } from 'types.bicep'

@description('Required. Location, tags and token.')
param context Context

@description('Required. Queues of the data account.')
param queueNames string[]

@description('Optional. GitHub repository (owner/name) that may publish models; empty for none.')
param githubRepository string = ''

@description('Required. The repository\'s environment in which it may.')
param githubEnvironment string

// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var blobDataReader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
var queueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var monitoringMetricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

var apiContainers = {
  models: blobDataReader
  scenes: blobDataReader
  predictions: blobDataContributor
  batches: blobDataContributor
}

resource api 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-api-${context.token}'
  location: context.location
  tags: context.tags
}

resource explorer 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-explorer-${context.token}'
  location: context.location
  tags: context.tags
}

resource publisher 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = if (!empty(githubRepository)) {
  name: 'id-publisher-${context.token}'
  location: context.location
  tags: context.tags

  resource github 'federatedIdentityCredentials' = {
    name: 'github'
    properties: {
      issuer: 'https://token.actions.githubusercontent.com'
      subject: 'repo:${githubRepository}:environment:${githubEnvironment}'
      audiences: ['api://AzureADTokenExchange']
    }
  }
}

resource hostStorage 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: 'sthost${context.token}'
}

resource dataStorage 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: 'stdata${context.token}'

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource models 'containers' existing = {
      name: 'models'
    }
  }

  resource queueService 'queueServices' existing = {
    name: 'default'
  }
}

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' existing = [
  for grant in items(apiContainers): {
    parent: dataStorage::blobs
    name: grant.key
  }
]

resource queues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-08-01' existing = [
  for name in queueNames: {
    parent: dataStorage::queueService
    name: name
  }
]

resource appInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: 'appi-${context.token}'
}

resource apiOnContainers 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (grant, i) in items(apiContainers): {
    name: guid(dataStorage.id, grant.key, api.id, grant.value)
    scope: containers[i]
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.value)
      principalId: api.properties.principalId
      principalType: 'ServicePrincipal'
    }
  }
]

// Reading, deleting and sending messages have smaller roles. But before the host sends (output binding, poison queue), it
// asks for the queue to be created, even where there is one, and only Contributor may.
resource apiOnQueues 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (name, i) in queueNames: {
    name: guid(dataStorage.id, 'queue', name, api.id, queueDataContributor)
    scope: queues[i]
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueDataContributor)
      principalId: api.properties.principalId
      principalType: 'ServicePrincipal'
    }
  }
]

// The host keeps packages, keys and leases there, and its own queues.
resource apiOnHostStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [blobDataOwner, queueDataContributor]: {
    name: guid(hostStorage.id, api.id, role)
    scope: hostStorage
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: api.properties.principalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource apiOnTelemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(appInsights.id, api.id, monitoringMetricsPublisher)
  scope: appInsights
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisher)
    principalId: api.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource publisherOnModels 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(githubRepository)) {
  name: guid(dataStorage.id, 'models', publisher.id, blobDataContributor)
  scope: dataStorage::blobs::models
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
    principalId: publisher!.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

// Whoever deploys publishes models, scenes and the site. Only people have a user principal name.
resource deployerOnData 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(dataStorage.id, deployer().objectId, blobDataContributor)
  scope: dataStorage
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
    principalId: deployer().objectId
    principalType: empty(deployer().userPrincipalName) ? 'ServicePrincipal' : 'User'
  }
}

@description('Client id of the explorer\'s identity.')
output explorerClientId string = explorer.properties.clientId

@description('Object id of the explorer\'s identity.')
output explorerPrincipalId string = explorer.properties.principalId

@description('Client id of the publisher, or empty.')
output publisherClientId string = empty(githubRepository) ? '' : publisher!.properties.clientId
