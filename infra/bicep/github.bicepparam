using './github.bicep'

param repository = readEnvironmentVariable('OIDC_REPOSITORY')
