# `make` lists the targets. Everything else is `python -m training --help`, `python -m local --help`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TOOLS := .venv-tools
DATA ?=
N ?= 50
API ?=
ARGS ?=
DEPLOYMENT ?=

# A third of the time tests wait for other processes, so that there is one more than cores.
PARALLEL := --numprocesses 3 --dist worksteal
# What these markers mean is said in pyproject.toml.
QUICK := not slow and not browser and not azure_python and not checkov

.PHONY: demo site docs test test-all check mutate package lock release infra-tools clean help

help:
	@echo "make demo            the whole system on this machine, until Ctrl-C (DATA=~/cityscapes N=50)"
	@echo "make site            build the explorer as a static site into dist/site (API=https://api.example.org)"
	@echo "make docs            the technical note and the slides, from results/"
	@echo "make test            the tests that take minutes and need nothing but Python (ARGS=tests/local: these, all of them)"
	@echo "make test-all        every test; what cannot run here fails (Chromium, Python 3.13, QEMU, make infra-tools)"
	@echo "make check           ruff and mypy"
	@echo "make mutate          how many small errors, put into the code one by one, the tests find (ARGS=vision)"
	@echo "make package         build the zips that are deployed to Azure into dist/ (needs a Python 3.13: PYTHON=python3.13)"
	@echo "make lock            lock the libraries that are installed in Azure, after a change of requirements.txt"
	@echo "make release         package, and everything into a deployment in Azure (DEPLOYMENT=fvs-dev)"
	@echo "make test-infra      the tests of templates, release and workflows alone (PYTHON=python3.13)"
	@echo "make test-host       the contract tests under Azure Functions Core Tools"
	@echo "make infra-tools     what checks templates and workflows, and uv, into .venv-tools"
	@echo "make clean           remove .venv, .venv-tools, .local and dist"

demo: $(VENV)/.demo
	@exec $(BIN)/python -m local demo $(if $(DATA),--data "$(DATA)") --scenes $(N)

site: $(VENV)/.demo
	@$(BIN)/python -m local site build $(if $(API),--api "$(API)")

docs: $(VENV)/.test
	@$(BIN)/python -m docs.build

test: $(VENV)/.test
	$(BIN)/python -m pytest $(if $(ARGS),$(ARGS),$(PARALLEL) -m "$(QUICK)")

test-all: $(VENV)/.test
	CI=true $(BIN)/python -m pytest $(PARALLEL) $(ARGS)

# Without TensorFlow, on whatever Python .venv-infra is made of.
INFRA := .venv-infra
.PHONY: test-infra test-host
test-infra: $(INFRA)/.done
	CI=true $(INFRA)/bin/python -m pytest tests/infra tests/test_workflows.py -m "not checkov"

# The same host as in Azure; needs Azure Functions Core Tools.
test-host: $(INFRA)/.done
	. $(INFRA)/bin/activate && FUNCTIONS_HOST=func CI=true python -m pytest tests/local/test_host_behaviour.py \
	  tests/function_app/http/test_contract.py tests/function_app/http/test_scene_routes.py

$(INFRA)/.done: local/requirements.txt tests/requirements.txt training/requirements.txt
	@$(PYTHON) -m venv $(INFRA)
	@grep -hE '^(pytest|jsonschema|schemathesis|nodejs|hypothesis|pyyaml|onnx==)' tests/requirements.txt training/requirements.txt > $(INFRA)/tests.txt
	@$(INFRA)/bin/pip install --quiet --disable-pip-version-check $$(grep '^uv==' tests/infra/requirements-tools.txt)
	@$(INFRA)/bin/uv pip install --quiet --python $(INFRA)/bin/python -r local/requirements.txt -r $(INFRA)/tests.txt
	@touch $@

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd frontend && ../$(BIN)/mypy --config-file ../pyproject.toml --strict .

mutate: $(VENV)/.test
	@$(BIN)/python -m bench.mutation $(ARGS)

package: $(VENV)/.demo
	@$(BIN)/python -m local package $(if $(filter file,$(origin PYTHON)),,--python "$(PYTHON)")

lock: $(VENV)/.demo $(TOOLS)/.done
	@$(BIN)/python -m local lock

release: package
	@$(BIN)/python -m infra release $(DEPLOYMENT)

# What azure.yaml's hooks run, with the variables of the azd environment.
.PHONY: azd-variables azd-packages azd-data
azd-variables: $(VENV)/.demo
	@$(BIN)/python -m infra prepare "$$AZURE_ENV_NAME" --location "$$AZURE_LOCATION"
	@azd env set --file ".local/$$AZURE_ENV_NAME.env"

# With an ignore file of their own, even an empty one, azd leaves the bytecode in.
azd-packages: package
	@rm -rf dist/function_app dist/explorer
	@for name in function_app explorer; do $(BIN)/python -m zipfile -e dist/$$name.zip dist/$$name || exit 1; done
	@touch dist/function_app/.funcignore dist/explorer/.webappignore

azd-data: $(VENV)/.demo
	@$(BIN)/python -m infra release --skip code,explorer

infra-tools: $(TOOLS)/.done

clean:
	rm -rf $(VENV) $(TOOLS) $(INFRA) .local dist

# uv installs the rest in a tenth of pip's time.
$(TOOLS)/.done: $(VENV)/bin/python tests/infra/requirements-tools.txt
	@echo "Installing what checks templates and workflows (about 400 MB, once) ..."
	@$(BIN)/python -m venv $(TOOLS)
	@$(TOOLS)/bin/pip install --quiet --disable-pip-version-check $$(grep '^uv==' tests/infra/requirements-tools.txt)
	@$(TOOLS)/bin/uv pip install --quiet --python $(TOOLS)/bin/python -r tests/infra/requirements-tools.txt
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or later is needed; $(PYTHON) is $$($(PYTHON) --version). Set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Creating $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.demo: $(VENV)/bin/python requirements.txt local/requirements.txt frontend/requirements.txt
	@echo "Installing what serving and the explorer need (about 600 MB on disk, once; a minute or two) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check -r local/requirements.txt
	@touch $@

# azure-functions-runtime is what Azure runs from Python 3.13 on. It is pure Python and runs on
# older ones too, but its metadata says otherwise and it would ask for the 2.x SDK.
$(VENV)/.test: $(VENV)/.demo docs/build/requirements.txt training/requirements.txt tests/requirements.txt
	@echo "Installing TensorFlow and the test extras (about 2 GB, once) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --ignore-requires-python azure-functions-runtime==1.3.0
	@touch $@
