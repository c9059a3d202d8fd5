// Future Vision Segmentation: storage, prediction API, explorer, telemetry, alerts, budget. At
// subscription scope, so that one command creates everything, the resource group included.
targetScope = 'subscription'

import { Context } from 'modules/types.bicep'

@description('Required. Name of this environment, such as fvs-dev; the resource group is called rg-NAME.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('Required. Region; it must offer Flex Consumption with Python 3.13.')
@metadata({ azd: { type: 'location' } })
param location string

@description('Optional. Tags of every resource, beside azd\'s own.')
param tags object = {
  app: 'future-vision-segmentation'
}

@description('Required. Mail addresses that alerts and the budget warn.')
@minLength(1)
param alertEmails string[]

@description('Optional. Let anybody call the API and see every scene, at your cost: no keys, no sign-in, a static site. Only with scenes that may be shown to everybody.')
param publicDemo bool = false

@description('Optional. Who may call the API, unless it is a public demo: holders of a function key, or of an Entra token.')
@allowed(['key', 'entra'])
param callers string = 'key'

@description('Conditional. Client id of the API\'s app registration; required for callers = entra.')
param apiAuthClientId string = ''

@description('Optional. Client ids of applications that may call the API with their tokens, beside the explorer.')
param apiCallerClientIds string[] = []

@description('Optional. The explorer on App Service.')
param explorer bool = true

@description('Conditional. Client id of the app registration by which visitors of the explorer sign in; required unless it is a public demo.')
param explorerAuthClientId string = ''

@description('Conditional. Function key that the explorer sends; required for callers = key with an explorer.')
@secure()
param explorerApiKey string = ''

@description('Optional. Size of the explorer\'s App Service plan.')
@allowed(['B1', 'B2', 'P0v3', 'P1v3'])
param explorerSku string = 'B1'

@description('Optional. GitHub repository, as its tokens name it (owner/name, or owner@ID/name@ID), whose environment "{environmentName}-models" may publish models; empty for none.')
param githubRepository string = ''

@description('Optional. Memory of one instance of the API; 512, 2048 and 4096 MB come with 0.25, 1 and 2 cores.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Optional. Instances at most of each group that scales by itself: calls, and each queue\'s function. The only ceiling of cost.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 5

@description('Optional. Instances kept warm for calls; each is paid all month.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = 0

@description('Optional. Requests that one instance takes at a time before another one starts; memory allows four of the largest photos.')
@minValue(1)
@maxValue(16)
param httpConcurrency int = 4

@description('Optional. Predict photos with the active model as soon as they are stored.')
param predictOnUpload bool = false

@description('Optional. Redundancy of both storage accounts.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageRedundancy string = 'Standard_LRS'

@description('Optional. Days until a stored prediction is deleted; it can be computed again.')
@minValue(1)
@maxValue(365)
param predictionRetentionDays int = 30

@description('Optional. Days in which deleted blobs and replaced versions can be restored.')
@minValue(7)
@maxValue(365)
param recoveryDays int = 30

@description('Optional. Put both storage accounts behind private endpoints, and the API into a virtual network.')
param vnetEnabled bool = false

@description('Optional. With vnetEnabled: public addresses, single ones or ranges of at least four (/30), that may still reach the data account to publish; Azure ignores them for callers in its own region.')
param deployerIpRanges string[] = []

@description('Optional. Days that logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Optional. Gigabytes of logs a day at most; what comes later that day is lost.')
@minValue(1)
param logDailyCapGb int = 1

@description('Optional. Milliseconds that the slowest 5 % of predictions may take before an alert.')
@minValue(100)
param slowPredictionMs int = 5000

@description('Optional. Monthly budget in the billing currency.')
@minValue(1)
param monthlyBudget int = 20

@description('Optional. First day of the month, yyyy-MM-01, in which the budget is created; Azure lets nobody change it later. Empty for no budget.')
param budgetStartDate string = ''

// The deployment package holds wheels and bytecode of this version (AZURE_PYTHON in local/package).
var pythonVersion = '3.13'
var context Context = {
  location: location
  tags: union(tags, { 'azd-env-name': environmentName })
  token: toLower(uniqueString(subscription().id, environmentName, location))
}
var access = publicDemo ? 'anonymous' : callers
// Its pages call an open API, and visitors fetch them from storage.
var staticSite = publicDemo && !vnetEnabled
var deploymentContainer = 'deployments'
var uploadsQueue = 'uploads'
// A queue's poison queue has this name because Azure's host moves messages there.
var queues = ['batches', 'batches-poison', uploadsQueue, '${uploadsQueue}-poison']

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: context.tags
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: { context: context, retentionDays: logRetentionDays, dailyCapGb: logDailyCapGb }
}

module hostStorage 'modules/storage.bicep' = {
  scope: group
  params: {
    context: context
    prefix: 'sthost'
    redundancy: storageRedundancy
    containers: [deploymentContainer]
    recoveryDays: recoveryDays
    publicAccess: !vnetEnabled
  }
}

module dataStorage 'modules/storage.bicep' = {
  scope: group
  dependsOn: [monitoring]
  params: {
    context: context
    prefix: 'stdata'
    redundancy: storageRedundancy
    containers: ['models', 'scenes', 'predictions', 'batches']
    queues: queues
    expiringPrefix: 'predictions/'
    expiryDays: predictionRetentionDays
    recoveryDays: recoveryDays
    staticWebsite: staticSite
    publicAccess: !vnetEnabled
    ipRanges: deployerIpRanges
    logWrites: true
  }
}

module network 'modules/network.bicep' = if (vnetEnabled) {
  scope: group
  dependsOn: [hostStorage, dataStorage]
  params: { context: context }
}

module roles 'modules/access.bicep' = {
  scope: group
  dependsOn: [monitoring, hostStorage, dataStorage]
  params: {
    context: context
    queueNames: queues
    githubRepository: githubRepository
    githubEnvironment: '${environmentName}-models'
  }
}

module uploads 'modules/uploads.bicep' = if (predictOnUpload) {
  scope: group
  dependsOn: [dataStorage]
  params: { context: context, queueName: uploadsQueue }
}

module api 'modules/api.bicep' = {
  scope: group
  dependsOn: [network]
  params: {
    context: context
    pythonVersion: pythonVersion
    deploymentContainer: deploymentContainer
    scale: {
      memoryMB: instanceMemoryMB
      maximumInstances: maximumInstanceCount
      alwaysReady: alwaysReadyInstances
      httpConcurrency: httpConcurrency
    }
    inNetwork: vnetEnabled
    allowedOrigins: concat(
      explorer ? ['https://app-${context.token}.azurewebsites.net'] : [],
      staticSite ? [dataStorage.outputs.siteUrl] : []
    )
    callers: access
    authClientId: access == 'entra' && empty(apiAuthClientId)
      ? fail('callers = entra needs apiAuthClientId (API_AUTH_CLIENT_ID).')
      : apiAuthClientId
    // An empty list would admit every application of the tenant.
    callerClientIds: access == 'entra' && !explorer && empty(apiCallerClientIds)
      ? fail('callers = entra without the explorer needs apiCallerClientIds (API_CALLER_CLIENT_IDS).')
      : concat(apiCallerClientIds, explorer ? [roles.outputs.explorerClientId] : [])
  }
}

module explorerApp 'modules/explorer.bicep' = if (explorer) {
  scope: group
  params: {
    context: context
    sku: explorerSku
    pythonVersion: pythonVersion
    apiUrl: api.outputs.url
    callers: access
    // Required, since a deployment without it would remove the key from an explorer that has one.
    apiKey: access == 'key' && empty(explorerApiKey)
      ? fail('callers = key with an explorer needs explorerApiKey (EXPLORER_API_KEY), such as `openssl rand -hex 32`.')
      : explorerApiKey
    apiAudience: 'api://${apiAuthClientId}'
    authClientId: publicDemo
      ? ''
      : empty(explorerAuthClientId)
          ? fail('Visitors of the explorer sign in: give explorerAuthClientId (EXPLORER_AUTH_CLIENT_ID, made by `python -m infra prepare`). To let anybody see every scene and predict at your cost: publicDemo (PUBLIC_DEMO=true).')
          : explorerAuthClientId
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  dependsOn: [monitoring]
  params: {
    context: context
    emails: alertEmails
    slowPredictionMs: slowPredictionMs
    monthlyBudget: monthlyBudget
    budgetStartDate: budgetStartDate
  }
}

// Read by `python -m infra release`, and by azd, which hands them to its hooks.
output AZURE_RESOURCE_GROUP string = group.name
output FUNCTION_APP_NAME string = api.outputs.name
output API_BASE_URL string = api.outputs.url
output API_ACCESS string = access
output API_AUTH_CLIENT_ID string = apiAuthClientId
output EXPLORER_APP_NAME string = explorer ? explorerApp!.outputs.name : ''
output EXPLORER_URL string = explorer ? explorerApp!.outputs.url : ''
output EXPLORER_AUTH_CLIENT_ID string = explorer && !publicDemo ? explorerAuthClientId : ''
output EXPLORER_PRINCIPAL_ID string = roles.outputs.explorerPrincipalId
output STATIC_SITE_URL string = staticSite ? dataStorage.outputs.siteUrl : ''
output DATA_BLOB_URL string = 'https://stdata${context.token}.blob.${environment().suffixes.storage}'
output PUBLISHER_CLIENT_ID string = roles.outputs.publisherClientId
