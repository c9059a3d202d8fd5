// User-assigned, so that their roles exist before the apps that need them start.

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags object

@description('Required. Last part of the resources\' names.')
param token string

@description('Optional. GitHub repository (owner/name) that may act as the publisher of models; empty for none.')
param githubRepository string = ''

@description('Optional. The repository\'s environment in which it may.')
param githubEnvironment string = ''

resource api 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-api-${token}'
  location: location
  tags: tags
}

resource explorer 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-explorer-${token}'
  location: location
  tags: tags
}

resource publisher 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = if (!empty(githubRepository)) {
  name: 'id-publisher-${token}'
  location: location
  tags: tags
}

resource github 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2024-11-30' = if (!empty(githubRepository)) {
  parent: publisher
  name: 'github'
  properties: {
    issuer: 'https://token.actions.githubusercontent.com'
    subject: 'repo:${githubRepository}:environment:${githubEnvironment}'
    audiences: ['api://AzureADTokenExchange']
  }
}

@description('Resource id of the API\'s identity.')
output apiId string = api.id

@description('Client id of the API\'s identity.')
output apiClientId string = api.properties.clientId

@description('Object id of the API\'s identity.')
output apiPrincipalId string = api.properties.principalId

@description('Resource id of the explorer\'s identity.')
output explorerId string = explorer.id

@description('Client id of the explorer\'s identity.')
output explorerClientId string = explorer.properties.clientId

@description('Client id of the publisher, or empty.')
output publisherClientId string = empty(githubRepository) ? '' : publisher!.properties.clientId

@description('Object id of the publisher, or empty.')
output publisherPrincipalId string = empty(githubRepository) ? '' : publisher!.properties.principalId
