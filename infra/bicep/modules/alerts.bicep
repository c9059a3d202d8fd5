// Who is warned, and when. What to do then: docs/operations.md.

import { Context } from 'types.bicep'

@description('Required. Location, tags and token.')
param context Context

@description('Required. Mail addresses.')
param emails string[]

@description('Required. Milliseconds that the slowest 5 % of predictions may take.')
param slowPredictionMs int

@description('Required. A month\'s budget, in the billing currency.')
param monthlyBudget int

@description('Optional. First day of the month in which the budget is created, yyyy-MM-01; Azure refuses to change it later. Empty for no budget.')
param budgetStartDate string = ''

// The service's own log lines, as in docs/observability.md.
var lines = 'traces | where message startswith \'{"request_id"\' | extend line = parse_json(message)'
var taskLines = 'traces | where message startswith \'{"function"\' | extend line = parse_json(message)'

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: 'log-${context.token}'
}

resource appInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: 'appi-${context.token}'
}

// Rules of severity 1 run every 5 minutes over the last 15, the others every 15 minutes, which costs a third.
var rules = [
  {
    name: 'server-failures'
    title: 'The API fails'
    severity: 1
    query: 'requests | where toint(resultCode) >= 500 and resultCode != "503" | summarize value = sum(itemCount)'
    threshold: 5
  }
  {
    name: 'not-ready'
    title: 'The API has no model, or storage does not answer it'
    severity: 1
    query: '${lines} | where tostring(line.problem) in ("no-model", "storage-unavailable") | summarize value = sum(itemCount)'
    threshold: 5
  }
  {
    name: 'busy'
    title: 'The API refuses photos because too many wait'
    severity: 2
    query: '${lines} | where tostring(line.problem) == "busy" | summarize value = sum(itemCount)'
    threshold: 20
  }
  {
    name: 'slow-predictions'
    title: 'The slowest 5 % of predictions are slower than agreed'
    severity: 3
    query: 'requests | where name == "predict_photo" and success | summarize value = percentile(duration, 95), n = sum(itemCount) | where n >= 20'
    threshold: slowPredictionMs
  }
  // Metrics count the messages of an account, all queues in one, once an hour; the log knows which, and why.
  {
    name: 'gave-up'
    title: 'A message failed as often as it may: photos of a batch, or one that was uploaded'
    severity: 3
    query: '${taskLines} | where tostring(line.function) == "batch_poison" or (isnotempty(line.error) and toint(line.deliveries) >= 5) | summarize value = sum(itemCount)'
    threshold: 0
  }
  {
    name: 'logs-stopped'
    title: 'The daily cap of logs is reached; until midnight UTC no other alert can fire'
    severity: 2
    query: '_LogOperation | where Category =~ "Ingestion" and Detail contains "OverQuota" | summarize value = count()'
    threshold: 0
  }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${context.token}'
  location: 'global'
  tags: context.tags
  properties: {
    groupShortName: 'segmentation'
    enabled: true
    emailReceivers: [
      for (address, i) in emails: { name: 'email-${i}', emailAddress: address, useCommonAlertSchema: true }
    ]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for rule in rules: {
    name: '${rule.name}-${context.token}'
    location: context.location
    tags: context.tags
    properties: {
      displayName: '${rule.title} (docs/operations.md: ${rule.name})'
      severity: rule.severity
      enabled: true
      scopes: [rule.name == 'logs-stopped' ? workspace.id : appInsights.id]
      // A new workspace has no tables yet, and the rule would be refused (Azure/bicep#11378).
      skipQueryValidation: true
      evaluationFrequency: rule.severity == 1 ? 'PT5M' : 'PT15M'
      windowSize: 'PT15M'
      criteria: {
        allOf: [
          {
            query: rule.query
            metricMeasureColumn: 'value'
            timeAggregation: 'Maximum'
            operator: 'GreaterThan'
            threshold: rule.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [people.id] }
      autoMitigate: true
    }
  }
]

// Warns of money; it stops nothing.
resource budget 'Microsoft.Consumption/budgets@2026-06-01' = if (!empty(budgetStartDate)) {
  name: 'budget-${context.token}'
  properties: {
    category: 'Cost'
    amount: monthlyBudget
    timeGrain: 'Monthly'
    timePeriod: { startDate: budgetStartDate }
    notifications: {
      actual80: {
        enabled: true
        operator: 'GreaterThanOrEqualTo'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: emails
        contactRoles: ['Owner']
      }
      forecast100: {
        enabled: true
        operator: 'GreaterThanOrEqualTo'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: emails
        contactRoles: ['Owner']
      }
    }
  }
}
