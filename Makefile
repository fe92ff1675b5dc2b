# Each target sets up what it needs; `make demo` and `make test` work in a fresh clone.
PYTHON ?= python3
BIN := .venv/bin
SEEDS := 10000
RUNS := 1000000
# Where there is memory to spare, the tests' many small databases need not wait for a disk.
QUICK_TMP := $(shell [ "$$(df --output=avail -k /dev/shm 2>/dev/null | tail -1)" -gt 4000000 ] 2>/dev/null && echo /dev/shm)

.PHONY: venv demo tour test long interop crash leaks rehearsals fuzz check docs bench clean

venv: .venv/.ready

.venv/.ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[sandbox,test]'
	touch $@

demo: venv
	$(BIN)/tanaban demo

tour: venv
	$(BIN)/tanaban demo --tour

# Two files at a time; the scenes, which run the whole bot, have the machine for themselves.
test: export PYTEST_DEBUG_TEMPROOT = $(QUICK_TMP)
test: venv
	$(BIN)/pytest -q -n 2 --dist loadfile --ignore=tests/interop --ignore=tests/scenes --ignore=tests/crash --ignore=tests/long --ignore=tests/leaks
	$(BIN)/pytest -q tests/scenes --ignore=tests/scenes/test_rehearsals.py

# Seeded lives of a merchant on a virtual clock, on every core (ten thousand take an hour); and freshness
# over real wires
long: venv
	$(BIN)/pytest -q tests/long
	$(BIN)/python -m benchmarks.simulated --first 500 --seeds $(SEEDS)

# FTPS against vsftpd, proftpd and pure-ftpd (Debian, root); Slack and a forge by others (npm)
interop: venv
	bash tests/interop/install.sh
	$(BIN)/pytest -q tests/interop

# Kills, full disks, failing disks and power cuts at every system call (needs strace); a quarter of an hour
crash: venv
	$(BIN)/pytest -q tests/crash

# Every credential of eight malls, searched in everything that the bot leaves behind; a minute or two
leaks: venv
	$(BIN)/pytest -q tests/leaks

# The six rehearsals of 'tanaban sandbox', the person's part played too; two or three minutes
rehearsals: venv
	$(BIN)/pytest -q tests/scenes/test_rehearsals.py

# Mapping files that nobody wrote, guided by atheris where it is installed (pip install '.[fuzz]'); minutes
fuzz: venv
	$(BIN)/python -m tests.fuzz.mapping --runs $(RUNS)

# Speed of writing to each mall beside its own floor; about nine minutes
bench: venv
	$(BIN)/python -m benchmarks.push --versus cron

check: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/tanaban mapping check .
	$(BIN)/pytest -q tests/test_imports.py

docs: venv
	$(BIN)/python -m docs.generate

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache
