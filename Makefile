# The epochs of "make train": 30 take some minutes without a GPU.
EPOCHS ?= 30
# More flags of "wgpucnn train".
ARGS ?=
# The parts of the suite of "make arm64": all, or names such as relu,sgd.
PARTS ?=
# The time of "make nightly", and of each fuzz target in it.
HOURS ?= 2
FUZZ ?= 30s

.PHONY: help setup build train web test adapters nightly interop test-web arm64 mutants peers gpu-kit dist wine clean

help:
	@echo 'make train    build, and train the four variants on the built-in pictures'
	@echo '              (EPOCHS=500 as in the lab, ARGS="--data cifar100" for its data)'
	@echo 'make build    build bin/wgpucnn'
	@echo 'make web      build the page on which a browser trains: bin/web, which "bin/wgpucnn web" serves'
	@echo 'make test     run every test that needs Go modules and Debian packages'
	@echo 'make adapters run the shaders'"'"' suite on lavapipe, and the engine'"'"'s tests on SwiftShader and OpenGL (Debian)'
	@echo 'make nightly  run the campaign for HOURS=2: kills, faults, fuzzing, a soak, all adapters, all mutants;'
	@echo '              it goes on where it stopped, and writes docs/reliability.md'
	@echo 'make mutants  plant defects in the shaders and check that the suite finds each'
	@echo 'make interop  run the tests against ONNX Runtime, the ONNX checker, PyTorch and Chromium'
	@echo 'make test-web run the engine in Node, on the WebGPU of Chromium'
	@echo 'make arm64    build for 64-bit ARM, and run the shaders'"'"' suite in an emulator: many hours, or PARTS=relu,sgd (Debian)'
	@echo 'make peers    measure a step of wgpucnn, natively and for browsers, of PyTorch and of TF.js (Debian)'
	@echo 'make gpu-kit  pack a kit that measures on a machine with a GPU: bin/gpu-kit.tar.gz'
	@echo 'make dist     pack the program for linux/amd64, with and without the window, and for Windows: bin/dist'
	@echo 'make wine     the same, and run the program for Windows under Wine, on lavapipe'
	@echo 'make clean    remove what was built'

setup:
	@.ci/setup

build: setup
	go build -o bin/wgpucnn ./cmd/wgpucnn

train: build
	bin/wgpucnn train --epochs $(EPOCHS) $(ARGS)

web: build
	cmd/wgpucnn/internal/site/build bin/web

test:
	@.ci/setup test
	WGPUCNN_REQUIRE_GPU=1 WGPUCNN_REQUIRE_DISPLAY=1 go test -timeout 30m ./...

adapters: build
	@.ci/setup adapters
	.ci/adapters

nightly: build
	@.ci/setup adapters
	@.ci/setup web
	@.ci/setup interop
	@.ci/setup wine
	cd testdata/web && npm ci --no-audit --no-fund
	cd testdata/interop && npm ci --no-audit --no-fund
	go run ./testdata/nightly --hours $(HOURS) --fuzz $(FUZZ)

mutants: setup
	go run ./testdata/mutants

interop:
	@.ci/setup interop
	cd testdata/interop && npm ci --no-audit --no-fund
	WGPUCNN_REQUIRE_GPU=1 WGPUCNN_INTEROP=1 go test -count=1 -timeout 20m -run Interop ./...

test-web:
	@.ci/setup web
	cd testdata/web && npm ci --no-audit --no-fund
	.ci/web

arm64:
	@GOFLAGS=-tags=wgpu27 .ci/setup arm64
	.ci/arm64 $(if $(PARTS),--op $(PARTS))

peers: build
	@.ci/setup peers
	cd testdata/peers/tfjs && npm ci --no-audit --no-fund
	cd testdata/web && npm ci --no-audit --no-fund
	go test -c -o bin/train.test ./nn/train
	GOOS=js GOARCH=wasm go test -c -o bin/train.wasm ./nn/train
	testdata/peers/run

gpu-kit: setup
	testdata/peers/kit

dist:
	@GOFLAGS= .ci/setup dist
	@.ci/dist

wine:
	@GOFLAGS= .ci/setup wine
	@.ci/dist
	WGPUCNN_REQUIRE_DISPLAY=1 go test -count=1 -timeout 1h -v ./testdata/wine

clean:
	rm -rf bin testdata/interop/node_modules testdata/web/node_modules testdata/peers/tfjs/node_modules
