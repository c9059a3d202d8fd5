// Warns of money; it stops nothing.

@description('Required. Name.')
param name string

@description('Required. A month\'s budget, in the billing currency.')
param amount int

@description('Required. First day of the month in which the budget is created, yyyy-MM-01. Azure refuses to change it later.')
param startDate string

@description('Optional. Mail addresses to warn, beside the owners of the resource group.')
param emails string[] = []

resource budget 'Microsoft.Consumption/budgets@2024-08-01' = {
  name: name
  properties: {
    category: 'Cost'
    amount: amount
    timeGrain: 'Monthly'
    timePeriod: {
      startDate: startDate
    }
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
