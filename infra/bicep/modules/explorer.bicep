// The Streamlit explorer on App Service, the one of Azure's web hosts that keeps a process and its web sockets.

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags object

@description('Required. Name of the app.')
param name string

@description('Required. Name of its plan.')
param planName string

@description('Required. Size of the plan.')
param sku string

@description('Required. Python version.')
param pythonVersion string

@description('Required. Resource id of the explorer\'s identity.')
param identityId string

@description('Required. Its client id.')
param identityClientId string

@description('Required. Address of the API.')
param apiUrl string

@description('Optional. Function key to send to the API.')
@secure()
param apiKey string = ''

@description('Optional. Audience of the tokens to send to the API.')
param apiAudience string = ''

@description('Optional. Client id of the app registration by which visitors sign in; empty lets anybody in.')
param authClientId string = ''

@description('Required. Workspace for logs.')
param workspaceId string

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'linux'
  sku: {
    name: sku
    capacity: 1
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'explorer' })
  kind: 'app,linux'
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
    // A visitor's session lives in one process.
    clientAffinityEnabled: true
    siteConfig: {
      linuxFxVersion: 'PYTHON|${pythonVersion}'
      appCommandLine: 'python -m streamlit run streamlit_app.py --server.port 8000 --server.address 0.0.0.0 --server.headless true --browser.gatherUsageStats false'
      alwaysOn: true
      webSocketsEnabled: true
      minTlsVersion: '1.2'
      http20Enabled: true
      ftpsState: 'Disabled'
      healthCheckPath: '/_stcore/health'
      httpLoggingEnabled: true
      detailedErrorLoggingEnabled: true
      requestTracingEnabled: true
    }
  }
}

resource settings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'appsettings'
  properties: union(
    {
      API_BASE_URL: apiUrl
      // What a batch costs is paid by whoever runs this: anybody may follow one, who signs in may start one.
      EXPLORER_BATCHES: empty(authClientId) ? 'view' : 'start'
      // App Service installs requirements.txt when a zip arrives.
      SCM_DO_BUILD_DURING_DEPLOYMENT: 'true'
      WEBSITES_PORT: '8000'
    },
    empty(apiKey) ? {} : { API_KEY: apiKey },
    empty(apiAudience) ? {} : { API_AUDIENCE: apiAudience, AZURE_CLIENT_ID: identityClientId },
    // Sign-in without a client secret: the app registration trusts the explorer's identity.
    empty(authClientId) ? {} : { OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID: identityClientId }
  )
}

// Switched off, not left out: what a deployment leaves out stays as it was.
resource auth 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'authsettingsV2'
  // The setting that it names must exist.
  dependsOn: [settings]
  properties: empty(authClientId) ? { platform: { enabled: false } } : {
    platform: {
      enabled: true
      runtimeVersion: '~1'
    }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'RedirectToLoginPage'
      redirectToProvider: 'azureactivedirectory'
      excludedPaths: ['/_stcore/health']
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: authClientId
          clientSecretSettingName: 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID'
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
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

// No passwords for deployment either.
resource publishing 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = [
  for kind in ['ftp', 'scm']: {
    parent: app
    name: kind
    properties: {
      allow: false
    }
  }
]

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: app
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'AppServiceHTTPLogs'
        enabled: true
      }
      {
        category: 'AppServiceConsoleLogs'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

@description('Name of the app.')
output name string = app.name

@description('Its address, without a slash at the end.')
output url string = 'https://${app.properties.defaultHostName}'
