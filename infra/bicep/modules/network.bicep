// A network in which the API reaches both storage accounts, and nobody else does.

import { Context } from 'types.bicep'

@description('Required. Location, tags and token.')
param context Context

var kinds = ['blob', 'queue']
var endpoints = flatten(map(['sthost', 'stdata'], account => map(kinds, kind => {
  account: '${account}${context.token}'
  kind: kind
})))

resource vnet 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: 'vnet-${context.token}'
  location: context.location
  tags: context.tags
  properties: {
    addressSpace: { addressPrefixes: ['10.20.0.0/16'] }
    subnets: [
      {
        name: 'api'
        properties: {
          addressPrefix: '10.20.0.0/24'
          delegations: [{ name: 'flex-consumption', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'endpoints'
        properties: { addressPrefix: '10.20.1.0/24', privateEndpointNetworkPolicies: 'Enabled' }
      }
    ]
  }

  resource endpointSubnet 'subnets' existing = {
    name: 'endpoints'
  }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for kind in kinds: {
    name: 'privatelink.${kind}.${environment().suffixes.storage}'
    location: 'global'
    tags: context.tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (kind, i) in kinds: {
    parent: zones[i]
    name: 'to-vnet'
    location: 'global'
    tags: context.tags
    properties: { registrationEnabled: false, virtualNetwork: { id: vnet.id } }
  }
]

resource accounts 'Microsoft.Storage/storageAccounts@2025-08-01' existing = [
  for endpoint in endpoints: {
    name: endpoint.account
  }
]

resource privateEndpoints 'Microsoft.Network/privateEndpoints@2025-05-01' = [
  for (endpoint, i) in endpoints: {
    name: 'pe-${endpoint.kind}-${endpoint.account}'
    location: context.location
    tags: context.tags
    properties: {
      subnet: { id: vnet::endpointSubnet.id }
      privateLinkServiceConnections: [
        { name: endpoint.kind, properties: { privateLinkServiceId: accounts[i].id, groupIds: [endpoint.kind] } }
      ]
    }
  }
]

resource dns 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = [
  for (endpoint, i) in endpoints: {
    parent: privateEndpoints[i]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        { name: endpoint.kind, properties: { privateDnsZoneId: zones[indexOf(kinds, endpoint.kind)].id } }
      ]
    }
  }
]
