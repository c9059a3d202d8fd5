// Future Vision Segmentation: storage, prediction API, explorer, telemetry, alerts, budget. At
// subscription scope, so that one command creates everything, the resource group included.
targetScope = 'subscription'

@description('Required. Name of this environment, such as fvs-dev; part of the resource group\'s name.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('Required. Region; it must offer Flex Consumption with Python 3.13.')
@metadata({ azd: { type: 'location' } })
param location string

@description('Optional. Resource group to create.')
param resourceGroupName string = 'rg-${environmentName}'

@description('Optional. Tags of every resource, beside azd\'s own.')
param tags object = {
  app: 'future-vision-segmentation'
}

@description('Optional. Object id of the person, group or service principal that publishes models, scenes and the site; whoever deploys, by default.')
param principalId string = ''

@description('Optional. What principalId is.')
@allowed(['Group', 'ServicePrincipal', 'User'])
param principalType string = 'User'

@description('Optional. GitHub repository, as its tokens name it (owner/name, or owner@ID/name@ID), whose environment "{environmentName}-models" may publish models; empty for none.')
param githubRepository string = ''

@description('Optional. Who may call the API: holders of a function key, of an Entra token, or anybody.')
@allowed(['key', 'entra', 'anonymous'])
param callers string = 'key'

@description('Conditional. Client id of the API\'s app registration; required for callers = entra.')
param apiAuthClientId string = ''

@description('Optional. Client ids of applications that may call the API with their tokens, beside the explorer.')
param apiCallerClientIds string[] = []

@description('Optional. The explorer on App Service.')
param explorer bool = true

@description('Optional. Size of the explorer\'s App Service plan.')
@allowed(['B1', 'B2', 'P0v3', 'P1v3'])
param explorerSku string = 'B1'

@description('Conditional. Function key that the explorer sends; required for callers = key with an explorer; the release command makes the API accept it.')
@secure()
param explorerApiKey string = ''

@description('Optional. Client id of the app registration by which visitors of the explorer sign in; empty lets anybody in.')
param explorerAuthClientId string = ''

@description('Optional. The explorer as a static site too. A browser keeps no secret, so the API must be open, and storage within reach.')
param staticSite bool = callers == 'anonymous' && !vnetEnabled

@description('Optional. Memory of one instance of the API; 512, 2048 and 4096 MB come with 0.25, 1 and 2 cores.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Optional. Instances at most of each group that scales by itself: calls, batches, uploads. Three times as many must fit into the region\'s quota of cores (250), or one group can starve the others.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Optional. Instances kept warm for calls; each is paid all month.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = 0

@description('Optional. Requests that one instance takes at a time before another one starts; the service works on as many as it has cores, and 16 may wait.')
@minValue(1)
@maxValue(16)
param httpConcurrency int = 8

@description('Optional. Predict photos with the active model as soon as they are stored.')
param predictOnUpload bool = false

@description('Optional. Redundancy of both storage accounts.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageRedundancy string = 'Standard_LRS'

@description('Optional. Days until a stored prediction is deleted; it can be computed again.')
@minValue(1)
@maxValue(365)
param predictionRetentionDays int = 30

@description('Optional. Days that deleted blobs and replaced versions can be brought back.')
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

@description('Optional. Mail addresses that alerts and the budget warn; without any there are no alerts.')
param alertEmails string[] = []

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
var token = toLower(uniqueString(subscription().id, environmentName, location))
var allTags = union(tags, { 'azd-env-name': environmentName })
var explorerName = 'app-${token}'
var uploadsQueue = 'uploads'
// A queue's poison queue has this name because Azure's host moves messages there.
var queues = ['batches', 'batches-poison', uploadsQueue, '${uploadsQueue}-poison']

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: resourceGroupName
  location: location
  tags: allTags
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    location: location
    tags: allTags
    token: token
    retentionDays: logRetentionDays
    dailyCapGb: logDailyCapGb
  }
}

module identities 'modules/identities.bicep' = {
  name: 'identities'
  scope: group
  params: {
    location: location
    tags: allTags
    token: token
    githubRepository: githubRepository
    githubEnvironment: '${environmentName}-models'
  }
}

module hostStorage 'modules/storage.bicep' = {
  name: 'host-storage'
  scope: group
  params: {
    location: location
    tags: allTags
    name: 'sthost${token}'
    redundancy: storageRedundancy
    containers: ['deployments']
    recoveryDays: recoveryDays
    publicAccess: !vnetEnabled
    workspaceId: monitoring.outputs.workspaceId
  }
}

module dataStorage 'modules/storage.bicep' = {
  name: 'data-storage'
  scope: group
  params: {
    location: location
    tags: allTags
    name: 'stdata${token}'
    redundancy: storageRedundancy
    containers: ['models', 'scenes', 'predictions', 'batches']
    queues: queues
    eventTopic: predictOnUpload
    expiringPrefix: 'predictions/'
    expiryDays: predictionRetentionDays
    recoveryDays: recoveryDays
    staticWebsite: staticSite
    publicAccess: !vnetEnabled
    ipRanges: deployerIpRanges
    logWrites: true
    workspaceId: monitoring.outputs.workspaceId
  }
}

module network 'modules/network.bicep' = if (vnetEnabled) {
  name: 'network'
  scope: group
  params: {
    location: location
    tags: allTags
    token: token
    storageAccountNames: [hostStorage.outputs.name, dataStorage.outputs.name]
    queueAccountNames: [dataStorage.outputs.name]
  }
}

module access 'modules/access.bicep' = {
  name: 'access'
  scope: group
  params: {
    hostStorageName: hostStorage.outputs.name
    dataStorageName: dataStorage.outputs.name
    queueNames: queues
    appInsightsName: monitoring.outputs.appInsightsName
    apiPrincipalId: identities.outputs.apiPrincipalId
    topicPrincipalId: dataStorage.outputs.topicPrincipalId
    topicQueueName: uploadsQueue
    publisherPrincipalId: identities.outputs.publisherPrincipalId
    deployerPrincipalId: empty(principalId) ? deployer().objectId : principalId
    deployerPrincipalType: principalType
  }
}

module uploads 'modules/uploads.bicep' = if (predictOnUpload) {
  name: 'uploads'
  scope: group
  dependsOn: [access]
  params: {
    storageName: dataStorage.outputs.name
    topicName: dataStorage.outputs.topicName
    queueName: uploadsQueue
  }
}

module api 'modules/api.bicep' = {
  name: 'api'
  scope: group
  dependsOn: [access]
  params: {
    location: location
    tags: allTags
    token: token
    identityId: identities.outputs.apiId
    identityClientId: identities.outputs.apiClientId
    hostStorageName: hostStorage.outputs.name
    deploymentContainer: 'deployments'
    dataBlobUrl: dataStorage.outputs.blobUrl
    dataQueueUrl: dataStorage.outputs.queueUrl
    appInsightsName: monitoring.outputs.appInsightsName
    workspaceId: monitoring.outputs.workspaceId
    pythonVersion: pythonVersion
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyInstances: alwaysReadyInstances
    httpConcurrency: httpConcurrency
    subnetId: vnetEnabled ? network!.outputs.apiSubnetId : ''
    allowedOrigins: concat(
      explorer ? ['https://${explorerName}.azurewebsites.net'] : [],
      staticSite ? [dataStorage.outputs.siteUrl] : []
    )
    callers: callers
    authClientId: callers == 'entra' && empty(apiAuthClientId) ? fail('callers = entra needs apiAuthClientId (API_AUTH_CLIENT_ID).') : apiAuthClientId
    // An empty list would admit every application of the tenant.
    callerClientIds: callers == 'entra' && !explorer && empty(apiCallerClientIds) ? fail('callers = entra without the explorer needs apiCallerClientIds (API_CALLER_CLIENT_IDS).') : concat(apiCallerClientIds, explorer ? [identities.outputs.explorerClientId] : [])
  }
}

module explorerApp 'modules/explorer.bicep' = if (explorer) {
  name: 'explorer'
  scope: group
  params: {
    location: location
    tags: allTags
    name: explorerName
    planName: 'plan-explorer-${token}'
    sku: explorerSku
    pythonVersion: pythonVersion
    identityId: identities.outputs.explorerId
    identityClientId: identities.outputs.explorerClientId
    apiUrl: api.outputs.url
    // A deployment without it would take the key away from an explorer that has it.
    apiKey: callers != 'key' ? '' : empty(explorerApiKey) ? fail('callers = key needs explorerApiKey (EXPLORER_API_KEY), such as `openssl rand -hex 32`.') : explorerApiKey
    apiAudience: callers == 'entra' ? 'api://${apiAuthClientId}' : ''
    authClientId: explorerAuthClientId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module alerts 'modules/alerts.bicep' = if (!empty(alertEmails)) {
  name: 'alerts'
  scope: group
  params: {
    location: location
    tags: allTags
    token: token
    emails: alertEmails
    appInsightsId: monitoring.outputs.appInsightsId
    workspaceId: monitoring.outputs.workspaceId
    slowPredictionMs: slowPredictionMs
  }
}

module budget 'modules/budget.bicep' = if (!empty(budgetStartDate)) {
  name: 'budget'
  scope: group
  params: {
    name: 'budget-${token}'
    amount: monthlyBudget
    startDate: budgetStartDate
    emails: alertEmails
  }
}

// Read by `python -m infra release`, and by azd, which hands them to its hooks.
output AZURE_RESOURCE_GROUP string = group.name
output FUNCTION_APP_NAME string = api.outputs.name
output API_BASE_URL string = api.outputs.url
output API_CALLERS string = callers
output API_AUTH_CLIENT_ID string = apiAuthClientId
output EXPLORER_APP_NAME string = explorer ? explorerApp!.outputs.name : ''
output EXPLORER_URL string = explorer ? explorerApp!.outputs.url : ''
output STATIC_SITE_URL string = staticSite ? dataStorage.outputs.siteUrl : ''
output DATA_BLOB_URL string = dataStorage.outputs.blobUrl
output PUBLISHER_CLIENT_ID string = identities.outputs.publisherClientId
