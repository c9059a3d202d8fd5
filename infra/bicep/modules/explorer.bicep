// The Streamlit explorer on App Service, which keeps a process and its web sockets.

import { Callers, Context } from 'types.bicep'

@description('Required. Location, tags and token.')
param context Context

@description('Required. Size of the plan.')
param sku string

@description('Required. Python version.')
param pythonVersion string

@description('Required. Address of the API.')
param apiUrl string

@description('Required. Who may call the API.')
param callers Callers

@description('Conditional. Function key to send to the API, for callers = key.')
@secure()
param apiKey string = ''

@description('Conditional. Audience of the tokens to send to the API, for callers = entra.')
param apiAudience string = ''

@description('Conditional. Client id of the app registration by which visitors sign in; empty only in a public demo.')
param authClientId string = ''

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: 'id-explorer-${context.token}'
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: 'log-${context.token}'
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-explorer-${context.token}'
  location: context.location
  tags: context.tags
  kind: 'linux'
  sku: { name: sku, capacity: 1 }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: 'app-${context.token}'
  location: context.location
  tags: union(context.tags, { 'azd-service-name': 'explorer' })
  kind: 'app,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
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

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(
      {
        API_BASE_URL: apiUrl
        // Batches cost money: everybody may follow one, only who signs in may start one.
        EXPLORER_BATCHES: empty(authClientId) ? 'view' : 'start'
        // App Service installs requirements.txt when a zip arrives.
        SCM_DO_BUILD_DURING_DEPLOYMENT: 'true'
        WEBSITES_PORT: '8000'
      },
      callers == 'key' ? { API_KEY: apiKey } : {},
      callers == 'entra' ? { API_AUDIENCE: apiAudience, AZURE_CLIENT_ID: identity.properties.clientId } : {},
      // Sign-in without a client secret: the app registration trusts the explorer's identity.
      empty(authClientId) ? {} : { OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID: identity.properties.clientId }
    )
  }

  // Switched off, not left out: what a deployment leaves out stays as it was.
  resource auth 'config' = {
    name: 'authsettingsV2'
    // The setting that it names must exist.
    dependsOn: [settings]
    properties: empty(authClientId) ? { platform: { enabled: false } } : {
      platform: { enabled: true, runtimeVersion: '~1' }
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
      login: { tokenStore: { enabled: false } }
    }
  }
}

// The stable 2016-09-01, which the linter proposes, is older.
#disable-next-line use-recent-api-versions
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: app
  properties: {
    workspaceId: workspace.id
    logs: [
      { category: 'AppServiceHTTPLogs', enabled: true }
      { category: 'AppServiceConsoleLogs', enabled: true }
    ]
  }
}

@description('Name of the app.')
output name string = app.name

@description('Its address, without a slash at the end.')
output url string = 'https://${app.properties.defaultHostName}'
