// An identity that one environment of a GitHub repository may act as.

@description('Required. Region.')
param location string

@description('Required. GitHub repository, as its tokens name it.')
param repository string

@description('Required. The environment.')
param environment string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: environment
  location: location

  resource github 'federatedIdentityCredentials' = {
    name: 'github'
    properties: {
      issuer: 'https://token.actions.githubusercontent.com'
      subject: 'repo:${repository}:environment:${environment}'
      audiences: ['api://AzureADTokenExchange']
    }
  }
}

@description('Client id of the identity.')
output clientId string = identity.properties.clientId

@description('Object id of the identity.')
output principalId string = identity.properties.principalId
