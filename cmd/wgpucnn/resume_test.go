package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/fail"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/runs/runstest"
	"wgpucnn/engine/enginetest"
	"wgpucnn/nn/modelfile"
)

// checkpointOf reads the newest checkpoint of a run's variant.
func checkpointOf(t *testing.T, folder, pooling string) *modelfile.Checkpoint {
	t.Helper()
	return loadCheckpoint(t, filepath.Join(folder, pooling, runs.CheckpointFile))
}

func loadCheckpoint(t *testing.T, path string) *modelfile.Checkpoint {
	t.Helper()
	c, err := modelfile.LoadCheckpoint(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// isCheckpoint tells whether a file of a run is a newest checkpoint, or one that was kept along the way.
func isCheckpoint(name string) bool {
	return filepath.Base(name) == runs.CheckpointFile || filepath.Base(filepath.Dir(name)) == "audit"
}

// leaveOutPrevious leaves out the checkpoints before the last ones: there are some if the training took
// long enough.
func leaveOutPrevious(runFiles ...map[string][]byte) {
	for _, files := range runFiles {
		maps.DeleteFunc(files, func(name string, _ []byte) bool { return filepath.Base(name) == runs.PreviousFile })
	}
}

// sameRun fails unless two runs left the same files. The times in them may differ.
func sameRun(t *testing.T, got, want string) {
	t.Helper()
	a, b := runstest.Files(t, got), runstest.Files(t, want)
	leaveOutPrevious(a, b)
	for name := range b {
		if a[name] == nil {
			t.Errorf("%s is missing", name)
		}
	}
	for name, data := range a {
		base := filepath.Base(name)
		switch {
		case base[0] == '.': // unfinished when the process was killed
		case b[name] == nil:
			t.Errorf("%s is too many", name)
		case !isCheckpoint(name) && !strings.HasPrefix(name, "summary.") && name != runs.PageFile && !bytes.Equal(data, b[name]):
			t.Errorf("%s differs", name)
		}
	}
	for name := range b {
		if !isCheckpoint(name) || t.Failed() {
			continue
		}
		a, b := loadCheckpoint(t, filepath.Join(got, name)), loadCheckpoint(t, filepath.Join(want, name))
		if filepath.Base(name) != runs.CheckpointFile { // one that was kept along the way says how long the training was to be then
			a.Model.Training, b.Model.Training = nil, nil
		}
		a.Seconds, b.Seconds, a.CompileSeconds, b.CompileSeconds = 0, 0, 0, 0
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s: the checkpoint differs", name)
		}
	}
}

// session is the command as a process of its own.
type session struct {
	*exec.Cmd
	out  bytes.Buffer
	done chan struct{} // closed at its end
}

func begin(t *testing.T, args ...string) *session {
	t.Helper()
	return start(t, exec.Command(executable(t), args...))
}

// executable returns the path of the program of the tests.
func executable(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// start begins a process that becomes the command. It keeps the output, unless c has one.
func start(t *testing.T, c *exec.Cmd) *session {
	t.Helper()
	s := &session{Cmd: c, done: make(chan struct{})}
	s.Env = append(os.Environ(), asCommand+"=1")
	if s.Stdout == nil {
		s.Stdout, s.Stderr = &s.out, &s.out
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		s.Wait()
		close(s.done)
	}()
	t.Cleanup(func() {
		s.Process.Kill()
		<-s.done
	})
	return s
}

// wait waits until the process ends, or until a checkpoint of max or avg is newer than start.
func (s *session) wait(folder string, start time.Time) {
	for {
		for _, pooling := range []string{"max", "avg"} {
			if info, err := os.Stat(filepath.Join(folder, pooling, runs.CheckpointFile)); err == nil && info.ModTime().After(start) {
				return
			}
		}
		if s.pause(time.Millisecond) {
			return
		}
	}
}

// pause waits at most so long for the end of the process. It tells whether the process has ended.
func (s *session) pause(d time.Duration) bool {
	select {
	case <-s.done:
		return true
	case <-time.After(d):
		return false
	}
}

// A run that is killed at ten moments and resumed each time leaves the files of a run that never
// stopped, to the last bit. One moment in five lies before the first checkpoint of the process. One
// in five is a SIGTERM.
func TestResumeKilled(t *testing.T) {
	enginetest.Open(t)
	t.Setenv("TMPDIR", t.TempDir())
	folder := t.TempDir()
	line := strings.Fields("train --epochs 60 --batch 500 --hidden 2 --pooling max,avg --seed 4 --tiling default --checkpoint-every 1 --quiet --out")
	whole := filepath.Join(folder, "whole")
	s := begin(t, append(line, whole)...)
	if <-s.done; !s.ProcessState.Success() {
		t.Fatalf("%v: %s", s.ProcessState, s.out.String())
	}
	random := rand.New(rand.NewPCG(7, 7))
	stops, count, killed := 0, 1, filepath.Join(folder, "1")
	for {
		args := []string{"train", "--resume", killed, "--checkpoint-every", "1", "--quiet"}
		if _, err := os.Stat(filepath.Join(killed, runs.ConfigFile)); err != nil {
			args = append(line, killed)
			os.RemoveAll(killed) // the process may have ended while it made the folder
		}
		// Times of files are coarser than those of the clock.
		start := time.Now().Add(-10 * time.Millisecond)
		s := begin(t, args...)
		if stops < 10 {
			moment := time.Duration(random.IntN(100)) * time.Millisecond
			if stops%5 == 1 {
				moment *= 10
			} else {
				s.wait(killed, start)
			}
			if !s.pause(moment) {
				stops++
				if stops%5 == 0 {
					s.Process.Signal(syscall.SIGTERM)
				} else {
					s.Process.Kill()
				}
			}
		}
		<-s.done
		switch code := s.ProcessState.ExitCode(); {
		case code == 143 || code == -1: // by SIGTERM, or killed
		case code != exitOK:
			t.Fatalf("%v: %s", s.ProcessState, s.out.String())
		default:
			sameRun(t, killed, whole)
			if stops == 10 {
				t.Logf("%d stops of %d runs", stops, count)
				return
			}
			count++
			killed = filepath.Join(folder, fmt.Sprint(count))
		}
	}
}

// A run goes on from what is sound in its folder. An error names what is not.
func TestResume(t *testing.T) {
	enginetest.Open(t)
	folder := t.TempDir()
	line := "train --batch 500 --hidden 2 --pooling max,avg --quiet --epochs "
	for _, epochs := range []string{"1", "3"} {
		if status, _, err := call(strings.Fields(line + epochs + " --out " + folder + "/" + epochs)...); status != 0 {
			t.Fatal(err)
		}
	}
	// edit replaces a text in a file of the run.
	edit := func(name, old, new string) func(run string) error {
		return func(run string) error {
			path := filepath.Join(run, name)
			data, err := os.ReadFile(path)
			if err == nil && !bytes.Contains(data, []byte(old)) {
				err = fmt.Errorf("%s: no %q", name, old)
			}
			return errors.Join(err, os.WriteFile(path, bytes.Replace(data, []byte(old), []byte(new), 1), 0o666))
		}
	}
	unfinished := without(runs.SummaryFile)
	// rewrite is edit for the checkpoint of max. It makes that one of an earlier version, which has no checksum.
	rewrite := func(old, new string) func(run string) error {
		return both(edit("max/"+runs.CheckpointFile, "wgpucnn_sha256", "without_sha256"), edit("max/"+runs.CheckpointFile, old, new))
	}
	flipped := func(run string) error {
		path := filepath.Join(run, "max", runs.CheckpointFile)
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		data[len(data)-1] ^= 1 // of a weight
		return os.WriteFile(path, data, 0o666)
	}
	for name, c := range map[string]struct {
		flags  string
		alter  func(run string) error
		status int
		want   string // one line of errors, no line if it is ""
		out    string
		epochs string // of the run with the same files
	}{
		"a complete run":         {"", nil, 0, "", "is complete, 1 epochs of max, avg", "1"},
		"for longer":             {"--epochs 3", nil, 0, "", "best: avg", "3"},
		"without its summary":    {"", unfinished, 0, "", "best: avg", "1"},
		"fewer epochs":           {"--epochs 2", edit(runs.ConfigFile, "--epochs=1", "--epochs=3"), 2, "--epochs 2: the run has 3: want as many or more", "", ""},
		"a damaged config.json":  {"", edit(runs.ConfigFile, "{", ""), 1, "config.json: invalid character", "", ""},
		"a flag that is none":    {"", edit(runs.ConfigFile, "--lr=", "--rl="), 1, "config.json: command: train: unknown flag: --rl", "", ""},
		"a number that is none":  {"", edit(runs.ConfigFile, "--lr=0.005", "--lr=-5"), 1, "config.json: command: train: --lr -5: want", "", ""},
		"an impossible tiling":   {"", both(unfinished, edit(runs.ConfigFile, `"workgroup": `, `"workgroup": 99`)), 1, "tiling: workgroup of 99", "", ""},
		"a dispatch's":           {"", both(unfinished, edit(runs.ConfigFile, `"recipe": `, `"tilings": {"a": {"tile": 1}}, "recipe": `)), 1, `"a": nn: tiling: workgroup of 0`, "", ""},
		"a key beyond reason":    {"", both(unfinished, edit(runs.ConfigFile, `"recipe": `, `"tilings": {"`+strings.Repeat("a", 300)+`": {}}, "recipe": `)), 1, "config.json: nn: tilings: a key of 300 bytes", "", ""},
		"other data":             {"", both(unfinished, edit(runs.ConfigFile, `"data_sha256": "`, `"data_sha256": "0`)), 1, "are not those of the run", "", ""},
		"another adapter":        {"", both(unfinished, edit(runs.ConfigFile, `"adapter": "`, `"adapter": "GeForce `)), 0, "another adapter than the run began with", "best: avg", "1"},
		"another version":        {"", both(unfinished, edit(runs.ConfigFile, `"version": "`, `"version": "v0.0.`)), 0, "another version than the run began with", "best: avg", "1"},
		"another recipe's":       {"--epochs 3", rewrite(`\"lr\":0.005`, `\"lr\":0.004`), 1, `of "max" in another run: delete`, "", ""},
		"another seed's":         {"--epochs 3", rewrite(`{\"seed\":0`, `{\"seed\":1`), 1, `of "max" in another run: delete`, "", ""},
		"another variant's":      {"--epochs 3", copied("avg/"+runs.CheckpointFile, "max/"+runs.CheckpointFile), 1, `of "avg" in another run: delete`, "", ""},
		"a cut checkpoint":       {"--epochs 3", func(run string) error { return os.Truncate(run+"/max/"+runs.CheckpointFile, 2000) }, 1, "the file is cut or damaged: delete", "", ""},
		"a checkpoint that left": {"--epochs 3", without("max/" + runs.CheckpointFile), 0, "max: its checkpoint is missing: training it from the start", "best: avg", "3"},
		"of a complete run":      {"", without("max/" + runs.CheckpointFile), 0, "max: its checkpoint is missing: training it from the start", "best: avg", "1"},
		"a model that left":      {"", without("max/" + runs.ModelFile), 0, "", "best: avg", "1"},
		"a damaged model":        {"", edit("max/"+runs.ModelFile, "architecture", "armchair"), 0, "", "best: avg", "1"},
		"an evaluation":          {"", without("max/" + runs.EvaluationFile), 0, "", "best: avg", "1"},
		"model and checkpoint":   {"", both(without("max/"+runs.ModelFile), without("max/"+runs.CheckpointFile)), 0, "", "best: avg", "1"},
		"a variant that left":    {"--epochs 3", without("max"), 0, "", "best: avg", "3"},
		"a variant of the whole": {"", without("max"), 0, "", "best: avg", "1"},
		"killed at its begin":    {"", begun(1), 0, "", "best: avg", "1"},
		"killed a bit before":    {"", begun(2), 1, "the run was killed before it wrote config.json: begin it again with --out", "", ""},
		"a flipped bit":          {"--epochs 3", flipped, 1, "it is damaged, or another program changed it: delete", "", ""},
		"a flipped bit after another": {"--epochs 3", both(copied("max/"+runs.CheckpointFile, "max/"+runs.PreviousFile), flipped),
			0, "max: going on from the checkpoint before, of 1 epochs: ", "best: avg", "3"},
		"the one before": {"--epochs 3", both(copied("max/"+runs.CheckpointFile, "max/"+runs.PreviousFile), edit("max/"+runs.CheckpointFile, "architecture", "armchair")),
			0, "max: going on from the checkpoint before, of 1 epochs: ", "best: avg", "3"},
		"killed between two renames": {"--epochs 3", func(run string) error {
			return os.Rename(run+"/max/"+runs.CheckpointFile, run+"/max/"+runs.PreviousFile)
		},
			0, "max: going on from the checkpoint before, of 1 epochs: ", "best: avg", "3"},
	} {
		t.Run(name, func(t *testing.T) {
			run := filepath.Join(t.TempDir(), "run")
			if err := os.CopyFS(run, os.DirFS(filepath.Join(folder, "1"))); err != nil {
				t.Fatal(err)
			}
			if c.alter != nil {
				if err := c.alter(run); err != nil {
					t.Fatal(err)
				}
			}
			status, out, err := call(append(strings.Fields("train --quiet --resume "+run), strings.Fields(c.flags)...)...)
			if status != c.status || !strings.Contains(err, c.want) || !strings.Contains(out, c.out) || (c.want == "") != (err == "") || strings.Count(err, "\n") > 1 {
				t.Errorf("status %d, %q, %q; want %d, %q and a line with %q", status, out, err, c.status, c.out, c.want)
			}
			if c.epochs != "" {
				sameRun(t, run, filepath.Join(folder, c.epochs))
			}
		})
	}
	held := runs.Folder{Path: filepath.Join(folder, "1")}
	if err := held.Lock(); err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	if status, _, err := call("train", "--epochs", "3", "--resume", filepath.Join(folder, "1")); status != 1 || !strings.Contains(err, "another process is training there") {
		t.Errorf("beside another process: status %d, %q", status, err)
	}
}

// A run that began with the weights of a model goes on with the same weights alone.
func TestResumeInit(t *testing.T) {
	enginetest.Open(t)
	run := filepath.Join(t.TempDir(), "run")
	status, _, err := call(strings.Fields("train --quiet --epochs 1 --batch 1500 --hidden 2 --pooling base --init " + goldenDict + " --out " + run)...)
	if status != 0 {
		t.Fatal(err)
	}
	again := []string{"train", "--quiet", "--epochs", "2", "--resume", run}
	config := runstest.Files(t, run)[runs.ConfigFile]
	other := bytes.Replace(config, []byte(`"sha256": "`), []byte(`"sha256": "0`), 1)
	if err := os.WriteFile(filepath.Join(run, runs.ConfigFile), other, 0o666); err != nil {
		t.Fatal(err)
	}
	if status, _, err := call(again...); status != 1 || !strings.Contains(err, "--init "+cmdline.Absolute(goldenDict)+": the weights are not those") {
		t.Errorf("with other weights: status %d, %q", status, err)
	}
	if err := os.WriteFile(filepath.Join(run, runs.ConfigFile), config, 0o666); err != nil {
		t.Fatal(err)
	}
	if status, _, err := call(again...); status != 0 || len(checkpointOf(t, run, "base").Epochs) != 2 {
		t.Errorf("with the same: status %d, %q", status, err)
	}
}

// without removes a file or folder of a run.
func without(name string) func(run string) error {
	return func(run string) error { return os.RemoveAll(filepath.Join(run, name)) }
}

// begun makes of a run what is left if it was killed before config.json had its name. A part of the file
// was written then: a share of the bytes.
func begun(share int) func(run string) error {
	return func(run string) error {
		text, err := os.ReadFile(filepath.Join(run, runs.ConfigFile))
		return errors.Join(err, os.RemoveAll(run), os.Mkdir(run, 0o777), os.WriteFile(filepath.Join(run, ".wgpucnn-1"), text[:len(text)/share], 0o666))
	}
}

// both does two things to a run.
func both(one, two func(run string) error) func(run string) error {
	return func(run string) error { return errors.Join(one(run), two(run)) }
}

// copied copies a file of a run.
func copied(from, to string) func(run string) error {
	return func(run string) error {
		data, err := os.ReadFile(filepath.Join(run, from))
		return errors.Join(err, os.WriteFile(filepath.Join(run, to), data, 0o666))
	}
}

// FuzzCommand looks for commands of a config.json that end the program, or that mean something else when
// they are written again.
func FuzzCommand(f *testing.F) {
	f.Setenv(asCommand, "") // the processes that fuzz are no commands
	for _, line := range []string{
		"train --epochs=3 --lr=0.005 --pooling=max,avg --opset=9", "train --net=a: conv 3, relu, pool max 2, linear --seeds=0-2,5 --shard=2/6 --optimizer=muon",
		"train --validation=0.1 --keep=best --patience=3 --schedule=cosine --warmup=1 --batch=64 --data=/x --classes=a,b",
	} {
		f.Add(strings.ReplaceAll(line, " --", "\n--"))
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, flags, err := settingsOf(runs.Config{Command: strings.Split("wgpucnn\n"+text+"\n", "\n")})
		if err != nil {
			if line := fail.Line(err); strings.ContainsAny(line, "\n\x1b") || len(line) > 2000 {
				t.Errorf("want one line, got %.300q", line)
			}
			return
		}
		again, _, err := settingsOf(runs.Config{Command: s.commandLine(flags)})
		if err != nil || !slices.Equal(again.names(), s.names()) {
			t.Errorf("written again: %v, %q", err, s.commandLine(flags))
		}
	})
}
