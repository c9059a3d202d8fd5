// A network in which the API reaches its storage accounts, and nobody else does.

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags object

@description('Required. Last part of the resources\' names.')
param token string

@description('Required. Accounts that get a private endpoint for blobs.')
param storageAccountNames string[]

@description('Required. Accounts that get one for queues.')
param queueAccountNames string[]

// The host keeps blobs only; its account needs no endpoint for queues.
var services = concat(
  map(storageAccountNames, name => { account: name, kind: 'blob', zone: 0 }),
  map(queueAccountNames, name => { account: name, kind: 'queue', zone: 1 })
)
var kinds = ['blob', 'queue']

resource vnet 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: 'vnet-${token}'
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: ['10.20.0.0/16']
    }
    subnets: [
      {
        name: 'api'
        properties: {
          addressPrefix: '10.20.0.0/24'
          delegations: [
            {
              name: 'flex-consumption'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: '10.20.1.0/24'
          privateEndpointNetworkPolicies: 'Enabled'
        }
      }
    ]
  }

  resource apiSubnet 'subnets' existing = {
    name: 'api'
  }

  resource endpointSubnet 'subnets' existing = {
    name: 'endpoints'
  }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for kind in kinds: {
    name: 'privatelink.${kind}.${environment().suffixes.storage}'
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (kind, i) in kinds: {
    parent: zones[i]
    name: 'to-vnet'
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: vnet.id
      }
    }
  }
]

resource accounts 'Microsoft.Storage/storageAccounts@2025-08-01' existing = [
  for service in services: {
    name: service.account
  }
]

resource endpoints 'Microsoft.Network/privateEndpoints@2025-05-01' = [
  for (service, i) in services: {
    name: 'pe-${service.kind}-${service.account}'
    location: location
    tags: tags
    properties: {
      subnet: {
        id: vnet::endpointSubnet.id
      }
      privateLinkServiceConnections: [
        {
          name: service.kind
          properties: {
            privateLinkServiceId: accounts[i].id
            groupIds: [service.kind]
          }
        }
      ]
    }
  }
]

resource dns 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = [
  for (service, i) in services: {
    parent: endpoints[i]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: service.kind
          properties: {
            privateDnsZoneId: zones[service.zone].id
          }
        }
      ]
    }
  }
]

@description('Subnet for the API\'s own calls.')
output apiSubnetId string = vnet::apiSubnet.id
