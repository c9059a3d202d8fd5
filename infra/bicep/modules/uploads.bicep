// A stored photo is announced in a queue, so that it gets its mask by itself. Without keys, and without a webhook.

import { Context } from 'types.bicep'

@description('Required. Location, tags and token.')
param context Context

@description('Required. Queue of the data account that events go to.')
param queueName string

var queueDataMessageSender = 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'

resource storage 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: 'stdata${context.token}'

  resource queueService 'queueServices' existing = {
    name: 'default'

    resource queue 'queues' existing = {
      name: queueName
    }
  }
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'evgt-${context.token}'
  location: context.location
  tags: context.tags
  // Not user-assigned, as elsewhere: only a system-assigned identity gets through the firewall of an account in a network.
  // https://learn.microsoft.com/azure/event-grid/handler-storage-queues
  identity: { type: 'SystemAssigned' }
  properties: {
    source: storage.id
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

resource topicOnQueue 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, 'queue', queueName, topic.id, queueDataMessageSender)
  scope: storage::queueService::queue
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueDataMessageSender)
    principalId: topic.identity.principalId
    principalType: 'ServicePrincipal'
  }
}

// No dead letters: a photo whose event was lost after a day of attempts gets its mask when somebody asks for it, or from a batch.
resource subscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'photos-to-queue'
  dependsOn: [topicOnQueue]
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    deliveryWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      destination: {
        endpointType: 'StorageQueue'
        properties: { resourceId: storage.id, queueName: queueName }
      }
    }
    filter: {
      includedEventTypes: ['Microsoft.Storage.BlobCreated']
      subjectBeginsWith: '/blobServices/default/containers/scenes/blobs/photos/'
    }
  }
}
