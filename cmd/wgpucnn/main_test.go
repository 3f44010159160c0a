package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wgpucnn/cmd/wgpucnn/internal/choose"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/engine"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/tune"
)

// call runs a command line and returns its exit status and what it wrote.
func call(args ...string) (status int, out, err string) {
	var stdout, stderr bytes.Buffer
	status = execute(context.Background(), args, streams{&stdout, &stderr})
	return status, stdout.String(), stderr.String()
}

// asCommand is the variable that turns the program of the tests into the command. A test can start and
// kill that as a process.
const asCommand = "WGPUCNN_AS_COMMAND"

// Tests neither read nor write the user's cache of tilings. They do not see the user's variables that
// choose an adapter.
func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	engine.Quiet()
	os.Setenv(asCommand, "1") // for the processes that commands start
	os.Unsetenv(choose.BackendVariable)
	os.Unsetenv(choose.AdapterVariable)
	dir, err := os.MkdirTemp("", "wgpucnn")
	if err != nil {
		panic(err)
	}
	choose.CacheDir = dir
	choose.UserCache = func() (tune.Cache, error) { return tune.Cache{Path: filepath.Join(dir, "tilings.json")}, nil }
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"--help"}, {"help", "train"}, {"train", "--help"}, {"train", "-h"}, {"help", "devices"}, {"help", "verify"}, {"help", "bench"}, {"help", "tune"}, {"help", "summary"}, {"help", "find-lr"}, {"help", "eval"}, {"help", "predict"}, {"help", "report"}, {"help", "audit"}, {"help", "import"}, {"help", "export"}, {"help", "data"}, {"help", "mutants"}, {"help", "doctor"}, {"help", "web"}, {"help", "completion"}, {"bench", "compare", "--help"}, {"--version"}} {
		status, out, err := call(args...)
		if status != 0 || !strings.HasPrefix(out, "wgpucnn") || err != "" {
			t.Errorf("%v: status %d, %q, %q", args, status, out, err)
		}
	}
	_, out, _ := call("help", "train")
	for _, want := range []string{"drawn by this program, not photographed", "--pooling", "--epochs int", "(default 500)", "wgpucnn train --data cifar100"} {
		if !strings.Contains(out, want) {
			t.Errorf("help train lacks %q", want)
		}
	}
}

// A wrong flag gives one line that names it, and exit status 2.
func TestUsageErrors(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"", "no command: want one of train, find-lr, summary, eval, predict, report, audit, import, export, verify, mutants, bench, tune, data, web, devices, doctor, completion, help"},
		{"tain", `unknown command "tain": did you mean train?`},
		{"help evl", `unknown command "evl": did you mean eval?`},
		{"help adaptres", `unknown command "adaptres": did you mean adapters?`},
		{"paint", `unknown command "paint": want one of train, find-lr, summary`},
		{"train --bach 3", "unknown flag: --bach: did you mean --batch?"},
		{"train -epochs=3", "unknown shorthand flag: 'e' in -epochs=3: did you mean --epochs?"},
		{"train --colour red", "unknown flag: --colour\n"},
		{"train here", `unexpected argument "here"`},
		{"train --epochs many", `invalid argument "many" for "--epochs"`},
		{"train --epochs 0", "--epochs 0: want 1 to 1000000"},
		{"train --batch -1", "--batch -1: want"},
		{"train --hidden 100000", "--hidden 100000: want 1 to 1024"},
		{"train --pool-size 0", "--pool-size 0: want 1 to 64"},
		{"train --opset 8", "--opset 8: want 9 to 26"},
		{"train --lr 0", "--lr 0: want"},
		{"train --lr nan", "--lr NaN: want"},
		{"train --momentum 1", "--momentum 1: want"},
		{"train --optimizer adam", "--optimizer adam: want one of sgd, adamw, muon"},
		{"train --schedule linear", "--schedule linear: want one of constant, cosine, onecycle, steps"},
		{"train --optimizer adamw --momentum 0.5", "--momentum is for --optimizer sgd and muon: leave it out"},
		{"train --optimizer adamw --nesterov", "--nesterov is for --optimizer sgd and muon: leave it out"},
		{"train --nesterov --momentum 0", "--nesterov and --momentum 0: want a momentum above 0"},
		{"train --muon-momentum 0.5", "--muon-momentum is for --optimizer muon: leave it out"},
		{"train --optimizer adamw --sgd-lr 1", "--sgd-lr is for --optimizer muon: leave it out"},
		{"train --optimizer muon --muon-momentum 1", "--muon-momentum 1: want 0 or more, below 1"},
		{"train --optimizer muon --sgd-lr -1", "--sgd-lr -1: want a number above 0"},
		{"train --clip-norm -1", "--clip-norm -1: want 1e-30 to 1e30, or 0"},
		{"train --clip-norm nan", "--clip-norm NaN: want 1e-30 to 1e30, or 0"},
		{"train --warmup-share 0.1", "--warmup-share is for --schedule cosine: leave it out"},
		{"train --schedule cosine --warmup-share 1", "--warmup-share 1: want 0 or more, below 1"},
		{"train --schedule cosine --warmup 3 --warmup-share 0.1", "--warmup and --warmup-share: want one of them"},
		{"train --weight-decay -1", "--weight-decay -1: want 0 or more"},
		{"train --weight-decay nan", "--weight-decay NaN: want 0 or more"},
		{"train --warmup 3", "--warmup is for --schedule cosine: leave it out"},
		{"train --schedule onecycle --warmup 3", "--warmup is for --schedule cosine: leave it out"},
		{"train --schedule cosine --warmup -1", "--warmup -1: want 0 or more"},
		{"train --schedule cosine --epochs 3 --warmup 3", "--warmup 3: want 0 or more, and fewer than the 3 of --epochs"},
		{"train --schedule steps", "--schedule steps and --step-epochs 0: want 1 to 1000000"},
		{"train --step-epochs 3", "--step-epochs is for --schedule steps: leave it out"},
		{"train --schedule cosine --gamma 0.5", "--gamma is for --schedule steps: leave it out"},
		{"train --schedule steps --step-epochs 3 --gamma 0", "--gamma 0: want a number above 0, at most 1"},
		{"train --flip sometimes", "--flip sometimes: want one of none, random, alternating"},
		{"train --shift -1", "--shift -1: want 0 to 32768"},
		{"train --cutout 40000", "--cutout 40000: want 0 to 32768"},
		{"predict model image --tta twice", "--tta twice: want one of none, flip"},
		{"eval model --tta crops", "--tta crops: want one of none, flip"},
		{"train --resume runs/x --flip none", "--resume and --flip: the run keeps its own"},
		{"train --resume runs/x --optimizer adamw", "--resume and --optimizer: the run keeps its own"},
		{"train --label-smoothing 1", "--label-smoothing 1: want 0 or more, below 1"},
		{"train --label-smoothing nan", "--label-smoothing NaN: want 0 or more"},
		{"train --class-weights even", "--class-weights even: want none, balanced, or numbers"},
		{"train --class-weights 1,0,2", "--class-weights 1,0,2: want none, balanced, or numbers from 1e-6"},
		{"train --class-weights 1,,2", "--class-weights 1,,2: want none, balanced, or numbers"},
		{"train --class-weights=", "--class-weights : want none"},
		{"train --mixup -1", "--mixup -1: want 0 or more, at most 1000"},
		{"train --resume runs/x --mixup 1", "--resume and --mixup: the run keeps its own"},
		{"train --validation 1.5", "--validation 1.5: want"},
		{"train --seed -1", "--seed"},
		{"train --seeds 3-1", `--seeds 3-1: "3-1": want seeds by commas, such as 1,5,7, or ranges such as 0-9`},
		{"train --seeds 0-9 --seed 1", "--seed and --seeds: want one of them"},
		{"train --shard 3/2", "--shard 3/2: want a part and the number of parts, such as 2/10; the first part is 1"},
		{"train --shard 0/2", "--shard 0/2: want a part"},
		{"train --shard 1", "--shard 1: want a part"},
		{"train --shard 1/9 --seeds 0,1", "--shard 1/9: there are 8 networks and seeds to share out"},
		{"train --jobs 0", "--jobs 0: want 1 to 64"},
		{"train --jobs 2 --window", "--window and --jobs: want one of them"},
		{"train --resume runs/x --seeds 0-9", "--resume and --seeds: the run keeps its own"},
		{"train --patience -1", "--patience -1: want 0 to 1000000"},
		{"train --keep worst", "--keep worst: want one of last, best"},
		{"train --keep best", "--keep best: no rows to choose an epoch by: want --validation"},
		{"train --init-scheme him", "--init-scheme him: want one of default, he"},
		{"train --init-scheme he --init model", "--init and --init-scheme: want one of them"},
		{"train --pooling base,median", "--pooling median: want some of base,stride,max,avg"},
		{"train --pooling base,base", "base stands there twice"},
		{"train --classes a,b,a", `invalid argument "a,b,a" for "--classes" flag: a stands there twice`},
		{"eval one --classes a --classes a", `for "--classes" flag: a stands there twice`},
		{"data --classes a,,b", `invalid argument "a,,b" for "--classes" flag: an empty name`},
		{"data --classes=", `invalid argument "" for "--classes" flag: an empty name`},
		{"bench --pooling base,base", `for "--pooling" flag: base stands there twice`},
		{"import a.pt --classes a,b,a", `for "--classes" flag: a stands there twice`},
		{"import a.pt --map conv1=", `for "--map" flag: conv1=: want ours=theirs`},
		{"import a.pt --map conv1=a,conv1=b", `for "--map" flag: conv1 stands there twice`},
		{"train --url http://localhost/", "--url is for --data cifar100"},
		{"train --checkpoint-every -1", "--checkpoint-every -1: want 0 to 1000000"},
		{"train --resume runs/x --lr 1", "--resume and --lr: the run keeps its own"},
		{"train --resume runs/x --epochs 0", "--epochs 0: want 1 to"},
		{"train --backend cuda", `--backend: engine: unknown backend "cuda"`},
		{"verify --backend cuda", `--backend: engine: unknown backend "cuda"`},
		{"verify --all --backend cuda", `--backend: engine: unknown backend "cuda"`},
		{"verify --all --adapter 0", "--all and --adapter: want one of them"},
		{"verify --limits most", "--limits most: want adapter or default"},
		{"verify conv2d", `unexpected argument "conv2d"`},
		{"bench --backend cuda", `--backend: engine: unknown backend "cuda"`},
		{"bench --all --backend cuda", `--backend: engine: unknown backend "cuda"`},
		{"bench --all --adapter 0", "--all and --adapter: want one of them"},
		{"bench file.json", `unexpected argument "file.json"`},
		{"bench --seconds 0", "0 seconds for a measurement: want"},
		{"bench --seconds nan", "NaN seconds for a measurement: want"},
		{"bench --batch 0", "batch of 0: want 1 to 65536"},
		{"bench --pooling median", `variant "median": want some of base,stride,max,avg`},
		{"bench --pooling=", `invalid argument "" for "--pooling" flag: an empty name`},
		{"bench compare", "no file: want some"},
		{"bench compare --all a.json", "unknown flag: --all"},
		{"train --tiling best", "--tiling best: want cached or default"},
		{"bench --tiling best", "--tiling best: want cached or default"},
		{"tune --backend cuda", `--backend: engine: unknown backend "cuda"`},
		{"tune --budget 0s", "--budget 0s: want above 0, at most 24h"},
		{"tune --budget 60", `invalid argument "60" for "--budget"`},
		{"tune --batch 0", "--batch 0: want 1 to 65536"},
		{"tune --pooling base,median", "--pooling median: want some of base,stride,max,avg"},
		{"tune --reset --dry-run", "--reset and --dry-run: want one of them"},
		{"tune here", `unexpected argument "here"`},
		{"find-lr --lr 1", "find-lr: unknown flag: --lr"},
		{"find-lr --recipe weak", "find-lr: --recipe weak: want one of lab, strong"},
		{"find-lr --momentum 1", "find-lr: --momentum 1: want"},
		{"find-lr --from 0", "--from 0 and --to 10: want numbers above 0"},
		{"find-lr --from 2 --to 1", "--from 2 and --to 1: want numbers above 0, the second the greater"},
		{"find-lr --to inf", "--to +Inf: want at most 1e30"},
		{"find-lr --steps 3", "--steps 3: want 20 to 100000"},
		{"summary", "summary: no model: want the file of one"},
		{"summary one two", `summary: unexpected argument "two": want one model`},
		{"summary --csv one", "unknown flag: --csv"},
		{"eval", "eval: no model: want the file of one"},
		{"eval one --tiling best", "--tiling best: want cached or default"},
		{"eval one --url http://localhost/", "--url is for --data cifar100"},
		{"predict", "want a model and some images"},
		{"predict model.safetensors", "want a model and some images"},
		{"predict model.safetensors - a.png -", "- stands there twice"},
		{"predict --tiling best model.safetensors a.png", "--tiling best: want cached or default"},
		{"predict --backend cuda model.safetensors a.png", `--backend: engine: unknown backend "cuda"`},
		{"report", "report: no run: want the folder of one or more"},
		{"report run ./run/", "report: ./run/ stands there twice"},
		{"report run --png", "unknown flag: --png"},
		{"audit", "audit: no run: want the folder of one"},
		{"audit one two", `audit: unexpected argument "two": want one run`},
		{"audit one --slices 0", "audit: --slices 0: want 1 to 100000"},
		{"import", "import: no model: want the file of one"},
		{"import a.pt b.pt", `import: unexpected argument "b.pt": want one model`},
		{"import a.pt --pooling median", "--pooling median: want one of base,stride,max,avg"},
		{"import a.pt --map conv3=a", "--map conv3=a: want some of conv1,conv2,linear1 before the ="},
		{"import a.pt --map conv1", "conv1: want ours=theirs"},
		{"export --onnx a.onnx", "export: no model: want the file of one"},
		{"export a b --onnx a.onnx", `export: unexpected argument "b": want one model`},
		{"export a", "no file to write: want --onnx, --pt or both"},
		{"export a --onnx b --pt b", "--onnx and --pt b: want two files"},
		{"export a --pt b.py", "--pt b.py: that is the name of the Python file beside it: want another ending, such as .pt"},
		{"export a --pt b.pt --onnx ./b.py", "--onnx ./b.py: that is the name of the Python file beside --pt b.pt"},
		{"export a --pt some/torch.pt", "torch.py beside it would hide PyTorch from Python"},
		{"export a --onnx b --opset 8", "--opset 8: want 9 to 26"},
		{"export a --pt b --opset 9", "--opset is for --onnx"},
		{"export a --pt b --fixed-batch 1", "--fixed-batch is for --onnx"},
		{"export a --onnx b --fixed-batch 0", "--fixed-batch 0: want 1 to 1048576"},
		{"data --url http://localhost/", "data: --url is for --data cifar100"},
		{"data builtin", `data: unexpected argument "builtin"`},
		{"train -q -v", "train: --quiet and --verbose: want one of them"},
		{"completion", "completion: no shell: want one of bash, zsh, fish"},
		{"completion tcsh", `completion: unknown shell "tcsh": want one of bash, zsh, fish`},
		{"doctor here", `doctor: unexpected argument "here": want flags alone`},
		{"doctor --adapter 0", "doctor: unknown flag: --adapter"},
		{"devices --backend cuda", `--backend: engine: unknown backend "cuda"`},
	} {
		status, out, err := call(strings.Fields(c.line)...)
		if status != 2 || out != "" || !strings.Contains(err, c.want) || strings.Count(err, "\n") != 1 {
			t.Errorf("%q: status %d, %q, %q; want 2 and a line with %q", c.line, status, out, err, c.want)
		}
	}
}

// Any other failure gives one line and exit status 1, and leaves no files.
func TestFailures(t *testing.T) {
	enginetest.Open(t)
	t.Chdir(t.TempDir())
	for path, text := range map[string]string{"file": "", "full/run/config.json": "{}"} {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ line, want string }{
		{"train --adapter geforce9000", `adapter "geforce9000": no such adapter: want one of 0 = `},
		{"train --adapter 77", "adapter 77: no such adapter: want one of 0 = "},
		{"verify --adapter 77", "adapter 77: no such adapter"},
		{"verify --report nowhere/report.json", "there is no folder nowhere"},
		{"tune --adapter 77", "adapter 77: no such adapter"},
		{"predict --adapter 77 file file", "adapter 77: no such adapter"},
		{"predict nowhere file", "open nowhere"},
		{"predict file file", "file: pytorch: an empty file"},
		{"bench --adapter 77", "adapter 77: no such adapter"},
		{"bench --out nowhere/bench.json", "there is no folder nowhere"},
		{"bench --out full", "--out full: that is a folder"},
		{"train --classes apple,pear", `unknown class "pear"`},
		{"train --classes aple,forest", "did you mean apple?"},
		{"train --data nowhere", "nowhere: want a folder with class folders of pictures"},
		{"train --data file", "file: no archive: want a folder"},
		{"train --batch 1501", "--batch 1501: there are 1500 training rows"},
		{"train --validation 0.1 --batch 1351", "--batch 1351: there are 1350 training rows"},
		{"train --validation 0.0001", "holds out 0 of the 500 rows"},
		{"train --out file", "open file: not a directory: want a folder"},
		{"train --out full", "the folder already holds run: choose another"},
		{"train --resume nowhere", "--resume nowhere: no config.json there: want the folder of a run"},
		{"train --resume file", "--resume file: no config.json there: want the folder of a run"},
		{"train --resume=", "no config.json there"},
		{"train --resume full/run", "config.json lacks command or data_sha256"},
		{"train --out full/run", "the folder already holds config.json"},
		{"train --out file/run --epochs 1 --hidden 1", "file"},
		{"train --init nowhere", "/nowhere: no such file"},
		{"train --log nowhere/a", "train: --log: open nowhere/a: no such file"},
		{"train --init file", "/file: pytorch: an empty file"},
		{"report nowhere", "report: nowhere: no config.json there: want the folder of a run"},
		{"report full/run", "report: full/run: config.json lacks command or data_sha256"},
		{"report file --out nowhere/a.html", "there is no folder nowhere"},
		{"report file --out full", "report: --out full: that is a folder"},
		{"import nowhere", "open nowhere: no such file"},
		{"import full", "read full: is a directory"},
		{"import file", "file: pytorch: an empty file"},
		{"import file --out nowhere/a", "there is no folder nowhere"},
		{"import file --out file", "--out file: there is such a file"},
		{"data --data nowhere", "nowhere: want a folder"},
		{"data --classes aple,forest", "did you mean apple?"},
		{"data --sheet nowhere/a.png", "data: --sheet nowhere/a.png: there is no folder nowhere"},
		{"export nowhere --onnx a", "open nowhere: no such file"},
		{"export file --onnx a", "file: pytorch: an empty file"},
		{"export file --onnx full", "--onnx full: that is a folder"},
		{"export file --pt nowhere/a", "there is no folder nowhere"},
	} {
		status, _, err := call(strings.Fields(c.line)...)
		if status != 1 || !strings.Contains(err, c.want) || strings.Count(err, "\n") != 1 {
			t.Errorf("%q: status %d, %q; want 1 and a line with %q", c.line, status, err, c.want)
		}
		entries, _ := filepath.Glob("*")
		if strings.Join(entries, " ") != "file full" {
			t.Fatalf("%q left %v", c.line, entries)
		}
	}
}

// A path may have any characters. An error stays one line, and a shell takes the command in it.
func TestFailuresWithOddPaths(t *testing.T) {
	t.Chdir(t.TempDir())
	const unfinished = "my 'run"
	if err := os.MkdirAll(unfinished, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(unfinished, runs.ConfigFile), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"summary", "no\nsuch\x1b[31m"}, `open no\nsuch\x1b[31m: no such file`},
		{[]string{"report", "no\nsuch"}, `report: no\nsuch: no config.json there`},
		{[]string{"summary", unfinished}, `"wgpucnn train --resume 'my '\''run'" ends it`},
	} {
		status, _, err := call(c.args...)
		if status != 1 || !strings.Contains(err, c.want) || strings.Count(err, "\n") != 1 || strings.Contains(err, "\x1b") {
			t.Errorf("%q: status %d, %q; want 1 and a line with %q", c.args, status, err, c.want)
		}
	}
}

func TestDevices(t *testing.T) {
	dev := enginetest.Open(t)
	status, out, err := call("devices")
	if status != 0 || err != "" || !strings.HasPrefix(out, "0: ") {
		t.Fatalf("status %d, %q, %q", status, out, err)
	}
	for _, want := range []string{dev.Adapter().Name, dev.Adapter().Backend, string(dev.Adapter().Type), dev.Adapter().Driver, "65535 workgroups a dimension"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}
