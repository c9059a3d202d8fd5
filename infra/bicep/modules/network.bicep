// A network in which the API reaches its storage accounts, and nobody else does.

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags object

@description('Required. Last part of the resources\' names.')
param token string

@description('Required. Accounts that get a private endpoint.')
param storageAccountNames string[]

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

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: 'privatelink.blob.${environment().suffixes.storage}'
  location: 'global'
  tags: tags
}

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
  parent: zone
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

resource accounts 'Microsoft.Storage/storageAccounts@2025-08-01' existing = [
  for name in storageAccountNames: {
    name: name
  }
]

resource endpoints 'Microsoft.Network/privateEndpoints@2025-05-01' = [
  for (name, i) in storageAccountNames: {
    name: 'pe-blob-${name}'
    location: location
    tags: tags
    properties: {
      subnet: {
        id: vnet::endpointSubnet.id
      }
      privateLinkServiceConnections: [
        {
          name: 'blob'
          properties: {
            privateLinkServiceId: accounts[i].id
            groupIds: ['blob']
          }
        }
      ]
    }
  }
]

resource dns 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = [
  for (name, i) in storageAccountNames: {
    parent: endpoints[i]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: 'blob'
          properties: {
            privateDnsZoneId: zone.id
          }
        }
      ]
    }
  }
]

@description('Subnet for the API\'s own calls.')
output apiSubnetId string = vnet::apiSubnet.id
