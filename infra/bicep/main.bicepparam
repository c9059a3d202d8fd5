// An environment to try things in, and what `azd up` deploys. What differs from one to the next comes from the environment.
using './main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'fvs-dev')
param location = readEnvironmentVariable('AZURE_LOCATION', 'swedencentral')
param alertEmails = filter(split(replace(readEnvironmentVariable('ALERT_EMAILS'), ' ', ''), ','), address => !empty(address))
param publicDemo = toLower(readEnvironmentVariable('PUBLIC_DEMO', '')) == 'true'
param callers = readEnvironmentVariable('API_CALLERS', 'key')
param apiAuthClientId = readEnvironmentVariable('API_AUTH_CLIENT_ID', '')
param apiCallerClientIds = filter(split(replace(readEnvironmentVariable('API_CALLER_CLIENT_IDS', ''), ' ', ''), ','), id => !empty(id))
param explorerAuthClientId = readEnvironmentVariable('EXPLORER_AUTH_CLIENT_ID', '')
param explorerApiKey = readEnvironmentVariable('EXPLORER_API_KEY', '')
param githubRepository = readEnvironmentVariable('PUBLISHER_REPOSITORY', '')
param predictOnUpload = toLower(readEnvironmentVariable('PREDICT_ON_UPLOAD', '')) == 'true'
param budgetStartDate = readEnvironmentVariable('BUDGET_START_DATE', '')
