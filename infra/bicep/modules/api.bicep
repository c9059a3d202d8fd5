// The prediction API on Flex Consumption: paid per call, nothing while nobody calls.

import { Callers, Context, Scale } from 'types.bicep'

@description('Required. Location, tags and token.')
param context Context

@description('Required. Python version.')
param pythonVersion string

@description('Required. Container of the host\'s account that holds the deployment package.')
param deploymentContainer string

@description('Required. How many instances of which size, and what each takes.')
param scale Scale

@description('Required. Whether what the API itself calls goes through the virtual network.')
param inNetwork bool

@description('Required. Origins whose pages may call the API.')
param allowedOrigins string[]

@description('Required. Who may call.')
param callers Callers

@description('Conditional. Client id of the API\'s app registration; required for callers = entra.')
param authClientId string = ''

@description('Optional. Client ids of the applications whose tokens are accepted, for callers = entra.')
param callerClientIds string[] = []

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: 'id-api-${context.token}'
}

resource hostStorage 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: 'sthost${context.token}'
}

resource appInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: 'appi-${context.token}'
}

resource subnet 'Microsoft.Network/virtualNetworks/subnets@2025-05-01' existing = {
  name: 'vnet-${context.token}/api'
}

var suffix = environment().suffixes.storage

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-api-${context.token}'
  location: context.location
  tags: context.tags
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: 'func-${context.token}'
  location: context.location
  tags: union(context.tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: inNetwork ? subnet.id : null
    siteConfig: {
      minTlsVersion: '1.2'
      http20Enabled: true
      ftpsState: 'Disabled'
      cors: { allowedOrigins: allowedOrigins, supportCredentials: false }
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: 'https://${hostStorage.name}.blob.${suffix}/${deploymentContainer}'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
      runtime: { name: 'python', version: pythonVersion }
      // Calls scale as one group, http, and each queue's function as a group of its own; the limit is each group's. How many
      // messages an instance takes is host.json's (batchSize). Nobody waits for a batch, so only calls have instances ready.
      scaleAndConcurrency: {
        instanceMemoryMB: scale.memoryMB
        maximumInstanceCount: scale.maximumInstances
        alwaysReady: scale.alwaysReady == 0 ? [] : [{ name: 'http', instanceCount: scale.alwaysReady }]
        triggers: { http: { perInstanceConcurrency: scale.httpConcurrency } }
      }
    }
  }

  // Deployments come with an Entra token. The name decides the type, so that there is no loop.
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }

  // All settings, here and nowhere else: this resource replaces whatever the app had.
  resource settings 'config' = {
    name: 'appsettings'
    // First sign-in is on, then the host asks for no key any more.
    dependsOn: [auth]
    properties: {
      // By service, not by account name: with that the host would want tables too (Azure/azure-functions-host#10995).
      AzureWebJobsStorage__blobServiceUri: 'https://${hostStorage.name}.blob.${suffix}'
      AzureWebJobsStorage__queueServiceUri: 'https://${hostStorage.name}.queue.${suffix}'
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.properties.clientId
      AzureWebJobsDisableHomepage: 'true'
      APPLICATIONINSIGHTS_CONNECTION_STRING: appInsights.properties.ConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
      AZURE_CLIENT_ID: identity.properties.clientId
      BLOB_SERVICE_URL: 'https://stdata${context.token}.blob.${suffix}'
      QUEUES__queueServiceUri: 'https://stdata${context.token}.queue.${suffix}'
      QUEUES__credential: 'managedidentity'
      QUEUES__clientId: identity.properties.clientId
      API_AUTH_LEVEL: callers == 'key' ? 'function' : 'anonymous'
      // Larger bodies the host refuses itself; the service's own limit (MAX_BODY_BYTES, 25 MB) comes with an explanation.
      FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '33554432'
      // Cores that an instance really has; it may show more.
      INFERENCE_WORKERS: scale.memoryMB == 4096 ? '2' : '1'
      PYTHON_SCRIPT_FILE_NAME: 'main.py'
      PYTHON_THREADPOOL_THREAD_COUNT: '32'
    }
  }

  // Switched off, not left out: what a deployment leaves out stays as it was.
  resource auth 'config' = {
    name: 'authsettingsV2'
    properties: callers != 'entra' ? { platform: { enabled: false } } : {
      platform: { enabled: true, runtimeVersion: '~1' }
      globalValidation: {
        requireAuthentication: true
        unauthenticatedClientAction: 'Return401'
        // They describe the service; with function keys they are open too.
        excludedPaths: [
          '/api/health/live'
          '/api/health/ready'
          '/api/openapi.json'
          '/api/docs'
          '/api/docs/page.js'
          '/api/docs/swagger-ui-bundle.js'
          '/api/docs/swagger-ui.css'
        ]
      }
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            clientId: authClientId
            openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
          }
          validation: {
            allowedAudiences: [authClientId, 'api://${authClientId}']
            defaultAuthorizationPolicy: { allowedApplications: callerClientIds }
          }
        }
      }
      login: { tokenStore: { enabled: false } }
    }
  }
}

@description('Name of the function app.')
output name string = app.name

@description('Its address, without a slash at the end.')
output url string = 'https://${app.properties.defaultHostName}'
