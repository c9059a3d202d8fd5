// What the workflows log in with: an identity for each GitHub environment, trusted for that environment only, without secrets.
// Deployed once by a person: infra/github.sh.
targetScope = 'subscription'

@description('Required. GitHub repository, as its tokens name it: owner/name, or owner@ID/name@ID.')
param repository string

@description('Optional. Region of the identities.')
param location string = deployment().location

@description('Optional. Environments that this subscription is for; those that end in -preview only look, the others deploy.')
param environments string[] = ['fvs-dev', 'fvs-prod', 'fvs-dev-preview']

var deployers = filter(environments, environment => !endsWith(environment, '-preview'))
var previewers = filter(environments, environment => endsWith(environment, '-preview'))
var contributor = 'b24988ac-6180-42a0-ab88-20f7382dd24c'
var accessAdministrator = 'f58310d9-a9f6-439a-9e8d-f62e7b41a168'

// The roles that main.bicep assigns; whoever deploys may assign these, and only to identities.
var assignable = [
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe' // Storage Blob Data Contributor
  '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1' // Storage Blob Data Reader
  '974c5e8b-45b9-4653-ba55-5f855dd0fb88' // Storage Queue Data Contributor
  'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a' // Storage Queue Data Message Sender
  '3913510d-42f4-4e42-8a64-420c390055eb' // Monitoring Metrics Publisher
]
var assignments = 'Microsoft.Authorization/roleAssignments'
var only = map([['write', 'Request'], ['delete', 'Resource']], pair => '((!(ActionMatches{\'${assignments}/${pair[0]}\'})) OR (@${pair[1]}[${assignments}:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {${join(assignable, ', ')}} AND @${pair[1]}[${assignments}:PrincipalType] ForAnyOfAnyValues:StringEqualsIgnoreCase {\'ServicePrincipal\'}))')

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-fvs-github'
  location: location
}

// Where nobody looks it is left out: its name may be used once in a tenant.
resource previewer 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (!empty(previewers)) {
  name: guid(subscription().id, 'Deployment Previewer')
  properties: {
    roleName: 'Deployment Previewer'
    description: 'Reads, and asks what a deployment would change.'
    type: 'CustomRole'
    permissions: [{ actions: ['*/read', 'Microsoft.Resources/deployments/*'] }]
    assignableScopes: [subscription().id]
  }
}

module identities 'modules/github_identity.bicep' = [
  for environment in environments: {
    scope: group
    params: { location: location, repository: repository, environment: environment }
  }
]

resource deploy 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for environment in deployers: {
    name: guid(subscription().id, environment, contributor)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', contributor)
      principalId: identities[indexOf(environments, environment)].outputs.principalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource assign 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for environment in deployers: {
    name: guid(subscription().id, environment, accessAdministrator)
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', accessAdministrator)
      principalId: identities[indexOf(environments, environment)].outputs.principalId
      principalType: 'ServicePrincipal'
      conditionVersion: '2.0'
      condition: join(only, ' AND ')
    }
  }
]

resource preview 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for environment in previewers: {
    name: guid(subscription().id, environment, previewer.id)
    properties: {
      roleDefinitionId: previewer.id
      principalId: identities[indexOf(environments, environment)].outputs.principalId
      principalType: 'ServicePrincipal'
    }
  }
]

@description('Client id of the identity of each environment.')
output CLIENT_IDS { environment: string, clientId: string }[] = [
  for (environment, i) in environments: { environment: environment, clientId: identities[i].outputs.clientId }
]
