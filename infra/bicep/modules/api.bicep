// The prediction API on Flex Consumption: paid per call, nothing while nobody calls.

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags object

@description('Required. Last part of the resources\' names.')
param token string

@description('Required. Resource id of the API\'s identity.')
param identityId string

@description('Required. Its client id.')
param identityClientId string

@description('Required. Account of the Functions host.')
param hostStorageName string

@description('Required. Container that holds the deployment package.')
param deploymentContainer string

@description('Required. Where models, scenes and predictions are.')
param dataBlobUrl string

@description('Required. Where the queues of batches and uploads are.')
param dataQueueUrl string

@description('Required. Application Insights.')
param appInsightsName string

@description('Required. Workspace for the platform\'s metrics.')
param workspaceId string

@description('Required. Python version.')
param pythonVersion string

@description('Required. Memory of an instance.')
param instanceMemoryMB int

@description('Required. Instances at most, of each group.')
param maximumInstanceCount int

@description('Required. Instances kept warm.')
param alwaysReadyInstances int

@description('Required. Requests that one instance takes at a time.')
param httpConcurrency int

@description('Optional. Subnet for what the API itself calls; empty for none.')
param subnetId string = ''

@description('Required. Origins whose pages may call the API.')
param allowedOrigins string[]

@description('Required. Who may call: key, entra or anonymous.')
param callers string

@description('Conditional. Client id of the API\'s app registration; required for callers = entra.')
param authClientId string = ''

@description('Optional. Client ids of the applications whose tokens are accepted, for callers = entra.')
param callerClientIds string[] = []

// What an instance really has; it may show more cores than that.
var cores = {
  '512': 1
  '2048': 1
  '4096': 2
}

resource hostStorage 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: hostStorageName
}

resource appInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: appInsightsName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-api-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: 'func-${token}'
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
      http20Enabled: true
      ftpsState: 'Disabled'
      cors: {
        allowedOrigins: allowedOrigins
        supportCredentials: false
      }
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostStorage.properties.primaryEndpoints.blob}${deploymentContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'python'
        version: pythonVersion
      }
      // Calls scale as one group, http, and each queue's function as a group of its own: a batch starts instances for
      // batch_task and takes none from callers. The limit is each group's; what they share are the region's cores. How many
      // messages an instance takes is host.json's (batchSize). Nobody waits for a batch, so only calls have instances ready.
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyInstances == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyInstances }]
        triggers: {
          http: {
            perInstanceConcurrency: httpConcurrency
          }
        }
      }
    }
  }
}

// All settings, here and nowhere else: this resource replaces whatever the app had.
resource settings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'appsettings'
  properties: {
    AzureWebJobsStorage__accountName: hostStorage.name
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identityClientId
    APPLICATIONINSIGHTS_CONNECTION_STRING: appInsights.properties.ConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
    AZURE_CLIENT_ID: identityClientId
    BLOB_SERVICE_URL: dataBlobUrl
    QUEUES__queueServiceUri: dataQueueUrl
    QUEUES__credential: 'managedidentity'
    QUEUES__clientId: identityClientId
    API_AUTH_LEVEL: callers == 'key' ? 'function' : 'anonymous'
    INFERENCE_WORKERS: string(cores[string(instanceMemoryMB)])
    PYTHON_SCRIPT_FILE_NAME: 'main.py'
    PYTHON_THREADPOOL_THREAD_COUNT: '32'
  }
}

// Switched off, not left out: what a deployment leaves out stays as it was.
resource auth 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'authsettingsV2'
  properties: callers != 'entra' ? { platform: { enabled: false } } : {
    platform: {
      enabled: true
      runtimeVersion: '~1'
    }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
      // What tells about the service, and is open with function keys too.
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
          defaultAuthorizationPolicy: {
            allowedApplications: callerClientIds
          }
        }
      }
    }
    login: {
      tokenStore: {
        enabled: false
      }
    }
  }
}

// Metrics only, the bill's among them. Application Insights has the logs already; here they would be paid for twice.
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: app
  properties: {
    workspaceId: workspaceId
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

@description('Name of the function app.')
output name string = app.name

@description('Its address, without a slash at the end.')
output url string = 'https://${app.properties.defaultHostName}'
