#!/usr/bin/env bash
# Once a subscription, by a person who may assign roles: GitHub's environments, the identities that the workflows log in with
# (bicep/github.bicep), and the variables that name them. Safe to repeat: environments that are there stay as they are. Needs
# az, in the subscription that the environments deploy to, and gh, both logged in.
#   [ENVIRONMENTS=fvs-prod] infra/github.sh owner/name swedencentral [owner@ID/name@ID]
# The last as tokens name it, where they say more; ENVIRONMENTS, with commas, are all three unless it is set.
set -euo pipefail
repository=$1 location=$2
export OIDC_REPOSITORY=${3:-$1} ENVIRONMENTS=${ENVIRONMENTS:-fvs-dev,fvs-prod,fvs-dev-preview}
cd "$(dirname "$0")"

# First: an environment that anybody who may push can use must not be trusted.
protect() { # environment, then kind and name of what may use it
  local environment=$1 path=repos/$repository/environments/$1 said
  shift
  if said=$(gh api "$path" --jq .deployment_branch_policy 2>&1); then
    if [[ ${said:-null} == null && $# -gt 0 ]]; then
      echo "$environment is there, open to every branch: restrict it ($*), then repeat this" >&2
      return 1
    fi
    return
  elif [[ $said != *"HTTP 404"* ]]; then
    echo "$said" >&2
    return 1
  fi
  local restricted=()
  if (($#)); then
    restricted=(-F 'deployment_branch_policy[protected_branches]=false' -F 'deployment_branch_policy[custom_branch_policies]=true')
  fi
  gh api --silent --method PUT "$path" "${restricted[@]}"
  while (($#)); do
    gh api --silent --method POST "$path/deployment-branch-policies" -f "type=$1" -f "name=$2"
    shift 2
  done
}
for environment in ${ENVIRONMENTS//,/ }; do
  case $environment in
    *-preview) protect "$environment" ;; # its identity only looks
    *-prod) protect "$environment" branch main tag 'v*' ;;
    *) protect "$environment" branch main ;;
  esac
  [[ $environment == *-preview ]] || protect "$environment-models" branch main
done

identities=$(az deployment sub create --name fvs-github --location "$location" --parameters bicep/github.bicepparam \
  --query 'properties.outputs.*.value | [0]' --output json)
account=$(az account show --query '{tenant: tenantId, subscription: id}' --output json)
field() { python3 -c 'import json, sys; print(json.loads(sys.argv[1])[sys.argv[2]])' "$1" "$2"; }

python3 -c 'import json, sys; [print(each["environment"], each["clientId"]) for each in json.loads(sys.argv[1])]' "$identities" |
  while read -r environment client; do
    set_variable() { gh variable set "$1" --repo "$repository" --env "$environment" --body "$2" </dev/null; }
    set_variable AZURE_CLIENT_ID "$client"
    set_variable AZURE_SUBSCRIPTION_ID "$(field "$account" subscription)"
    set_variable AZURE_LOCATION "$location"
  done
if [[ $OIDC_REPOSITORY != "$repository" ]]; then
  gh variable set OIDC_REPOSITORY --repo "$repository" --body "$OIDC_REPOSITORY"
fi
# Last: without it no workflow deploys.
gh variable set AZURE_TENANT_ID --repo "$repository" --body "$(field "$account" tenant)"
echo "done; give fvs-prod and the *-models environments reviewers, then fill in the variables of docs/deployment.md"
