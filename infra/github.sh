#!/usr/bin/env bash
# Once, by a person who may assign roles: the identities that the workflows log in with (bicep/github.bicep), GitHub's
# environments, and the variables that name them. Safe to repeat. Needs az and gh, both logged in.
#   infra/github.sh owner/name swedencentral [owner@ID/name@ID]     the last as tokens name it, where they say more
set -euo pipefail
repository=$1 location=$2
export OIDC_REPOSITORY=${3:-$1}
cd "$(dirname "$0")"

identities=$(az deployment sub create --name fvs-github --location "$location" --parameters bicep/github.bicepparam \
  --query 'properties.outputs.*.value | [0]' --output json)
account=$(az account show --query '{tenant: tenantId, subscription: id}' --output json)
field() { python3 -c 'import json, sys; print(json.loads(sys.argv[1])[sys.argv[2]])' "$1" "$2"; }

gh variable set AZURE_TENANT_ID --repo "$repository" --body "$(field "$account" tenant)"
gh variable set AZURE_SUBSCRIPTION_ID --repo "$repository" --body "$(field "$account" subscription)"
gh variable set AZURE_LOCATION --repo "$repository" --body "$location"
if [[ $OIDC_REPOSITORY != "$repository" ]]; then
  gh variable set OIDC_REPOSITORY --repo "$repository" --body "$OIDC_REPOSITORY"
fi
for environment in fvs-dev-models fvs-prod-models; do
  gh api --silent --method PUT "repos/$repository/environments/$environment"
done
python3 -c 'import json, sys; [print(each["environment"], each["clientId"]) for each in json.loads(sys.argv[1])]' "$identities" |
  while read -r environment client; do
    gh api --silent --method PUT "repos/$repository/environments/$environment" </dev/null
    gh variable set AZURE_CLIENT_ID --repo "$repository" --env "$environment" --body "$client" </dev/null
  done
echo "done; protect the environments, then fill in the variables of docs/deployment.md"
