// Where telemetry goes. Local authentication is off: without a role on Application Insights nothing is accepted.

import { Context } from 'types.bicep'

@description('Required. Location, tags and token.')
param context Context

@description('Required. Days that logs are kept.')
param retentionDays int

@description('Required. Gigabytes a day at most.')
param dailyCapGb int

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: 'log-${context.token}'
  location: context.location
  tags: context.tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    workspaceCapping: { dailyQuotaGb: dailyCapGb }
    features: {
      disableLocalAuth: true
      enableLogAccessUsingOnlyResourcePermissions: true
    }
  }
}

resource appInsights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${context.token}'
  location: context.location
  tags: context.tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    IngestionMode: 'LogAnalytics'
    DisableLocalAuth: true
  }
}
