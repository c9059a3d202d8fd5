// A photo that is stored is told of in a queue, so that it gets its mask by itself. Without keys, and without a webhook.

@description('Required. Account of the photos and of the queue.')
param storageName string

@description('Required. Topic of that account.')
param topicName string

@description('Required. Queue that events go to.')
param queueName string

resource storage 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: storageName
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

// No dead letters: they would take a container and a role more, to keep what the photo itself tells. A photo whose event was
// lost after a day of attempts gets its mask when somebody asks for it, or from a batch.
resource subscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'photos-to-queue'
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    deliveryWithResourceIdentity: {
      identity: {
        type: 'SystemAssigned'
      }
      destination: {
        endpointType: 'StorageQueue'
        properties: {
          resourceId: storage.id
          queueName: queueName
        }
      }
    }
    filter: {
      includedEventTypes: ['Microsoft.Storage.BlobCreated']
      subjectBeginsWith: '/blobServices/default/containers/scenes/blobs/photos/'
    }
  }
}
