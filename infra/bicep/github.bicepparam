using './github.bicep'

param repository = readEnvironmentVariable('OIDC_REPOSITORY')
param environments = split(readEnvironmentVariable('ENVIRONMENTS', 'fvs-dev,fvs-prod,fvs-dev-preview'), ',')
