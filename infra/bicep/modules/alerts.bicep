// Who is told, and when. What to do then: docs/operations.md.

@description('Required. Region.')
param location string

@description('Required. Tags.')
param tags object

@description('Required. Last part of the resources\' names.')
param token string

@description('Required. Mail addresses.')
param emails string[]

@description('Required. Resource id of Application Insights.')
param appInsightsId string

@description('Required. Resource id of the workspace behind it.')
param workspaceId string

@description('Required. Milliseconds that the slowest 5 % of predictions may take.')
param slowPredictionMs int

// The service's own log lines, as in docs/observability.md.
var lines = 'traces | where message startswith \'{"request_id"\' | extend line = parse_json(message)'
var taskLines = 'traces | where message startswith \'{"function"\' | extend line = parse_json(message)'

var rules = [
  {
    name: 'server-failures'
    scope: appInsightsId
    title: 'The API fails'
    severity: 1
    query: 'requests | where toint(resultCode) >= 500 and resultCode != "503" | summarize value = sum(itemCount)'
    threshold: 5
  }
  {
    name: 'not-ready'
    scope: appInsightsId
    title: 'The API has no model, or storage does not answer it'
    severity: 1
    query: '${lines} | where tostring(line.problem) in ("no-model", "storage-unavailable") | summarize value = sum(itemCount)'
    threshold: 5
  }
  {
    name: 'busy'
    scope: appInsightsId
    title: 'The API refuses photos because too many wait'
    severity: 2
    query: '${lines} | where tostring(line.problem) == "busy" | summarize value = sum(itemCount)'
    threshold: 20
  }
  {
    name: 'slow-predictions'
    scope: appInsightsId
    title: 'The slowest 5 % of predictions are slower than agreed'
    severity: 3
    query: 'requests | where name == "predict_photo" and success | summarize value = percentile(duration, 95), n = sum(itemCount) | where n >= 20'
    threshold: slowPredictionMs
  }
  // Metrics count the messages of an account, all queues in one, once an hour; the log knows which, and why.
  {
    name: 'gave-up'
    scope: appInsightsId
    title: 'A message failed as often as it may: photos of a batch, or one that was uploaded'
    severity: 3
    query: '${taskLines} | where tostring(line.function) == "batch_poison" or (isnotempty(line.error) and toint(line.deliveries) >= 5) | summarize value = sum(itemCount)'
    threshold: 0
  }
  {
    name: 'logs-stopped'
    scope: workspaceId
    title: 'The daily cap of logs is reached; until midnight UTC no other alert can fire'
    severity: 2
    query: '_LogOperation | where Category =~ "Ingestion" and Detail contains "OverQuota" | summarize value = count()'
    threshold: 0
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${token}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'segmentation'
    enabled: true
    emailReceivers: [
      for (address, i) in emails: {
        name: 'email-${i}'
        emailAddress: address
        useCommonAlertSchema: true
      }
    ]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: '${rule.name}-${token}'
    location: location
    tags: tags
    properties: {
      displayName: '${rule.title} (docs/operations.md: ${rule.name})'
      severity: rule.severity
      enabled: true
      scopes: [rule.scope]
      // A new workspace has no tables yet, and the rule would be refused (Azure/bicep#11378).
      skipQueryValidation: true
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      criteria: {
        allOf: [
          {
            query: rule.query
            metricMeasureColumn: 'value'
            timeAggregation: 'Maximum'
            operator: 'GreaterThan'
            threshold: rule.threshold
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: [people.id]
      }
      autoMitigate: true
    }
  }
]
