// Production: Entra tokens only, one instance always warm, zone-redundant storage, a budget. Variables without a default must be set.
using './main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'fvs-prod')
param location = readEnvironmentVariable('AZURE_LOCATION', 'swedencentral')
param alertEmails = filter(split(replace(readEnvironmentVariable('ALERT_EMAILS'), ' ', ''), ','), address => !empty(address))
param callers = 'entra'
param apiAuthClientId = readEnvironmentVariable('API_AUTH_CLIENT_ID')
param apiCallerClientIds = filter(split(replace(readEnvironmentVariable('API_CALLER_CLIENT_IDS', ''), ' ', ''), ','), id => !empty(id))
param explorerAuthClientId = readEnvironmentVariable('EXPLORER_AUTH_CLIENT_ID')
param githubRepository = readEnvironmentVariable('PUBLISHER_REPOSITORY', '')
param predictOnUpload = toLower(readEnvironmentVariable('PREDICT_ON_UPLOAD', '')) == 'true'
param budgetStartDate = readEnvironmentVariable('BUDGET_START_DATE')
param explorerSku = 'P0v3'
param alwaysReadyInstances = 1
// With the four groups that scale by themselves, 241 of a region's 250 cores.
param maximumInstanceCount = 60
param storageRedundancy = 'Standard_ZRS'
param logRetentionDays = 90
param logDailyCapGb = 5
param monthlyBudget = 200
