package guard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/signals"
)

// asParent turns the program of the tests into a parent. Its arguments are what the child does.
const asParent = "GUARD_AS_PARENT"

func TestMain(m *testing.M) {
	if again := os.Getenv(asParent); again != "" {
		patience, stopPatience, tick = 4*time.Second, 2*time.Second, 200*time.Millisecond
		if os.Getenv(variable) == "" {
			status, _ := Run(os.Args[1:], again == "true")
			os.Exit(status)
		}
		act(os.Args[1:])
	}
	os.Exit(m.Run())
}

// What the processes write that wgpu, Go and drivers end.
var dumps = map[string]string{
	"lost":   "thread '<unnamed>' panicked at 'Error in wgpuQueueSubmitForIndex: Validation Error\n\nCaused by:\n    Parent device is lost\n', src/lib.rs:495:5\nstack backtrace:\n   0: rust_begin_unwind\nSIGABRT: abort\nPC=0x1 m=0 sigcode=18446744073709551610\n\ngoroutine 0 [idle]:\n",
	"memory": "thread 'main' panicked at 'called `Result::unwrap()` on an `Err` value: OutOfMemory', /home/runner/queue.rs:258:22\nSIGABRT: abort\n\ngoroutine 1 [syscall]:\nlost.Work()\n",
	"panic":  "thread '<unnamed>' panicked at src/lib.rs:612:36:\ninvalid adapter\nstack backtrace:\n",
	"crash":  "SIGSEGV: segmentation violation\nPC=0x0 m=3 sigcode=1 addr=0x0\n\ngoroutine 0 [idle]:\nlost.Work()\n",
	"c":      "fatal error: unexpected signal during runtime execution\n[signal SIGSEGV: segmentation violation code=0x1]\n",
	"ours":   "panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:\nlost.Work()\n",
	"stack":  "runtime: goroutine stack exceeds 1000000000-byte limit\nfatal error: stack overflow\n",
	"locked": "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]:\n",
}

// act is a child that does what the words say.
func act(words []string) {
	ctx, stop := context.WithCancelCause(context.Background())
	hangs := false
	stderr, joined := Join(stop, func() (bool, int64) { return hangs, 0 })
	if !joined {
		panic("no child")
	}
	network, epoch := "max", 0
	for _, word := range words {
		verb, object, _ := strings.Cut(word, ":")
		number, _ := strconv.Atoi(object)
		switch verb {
		case "say":
			fmt.Fprintln(stderr, object)
		case "noise":
			fmt.Fprintln(os.Stderr, object)
		case "adapter":
			Tell(News{Adapter: object})
		case "resume": // goes on with the words after a +
			Tell(News{Resume: strings.Split(object, "+"), Command: "RESUME"})
		case "train":
			epoch = number
			Tell(News{Network: network, Epoch: epoch})
		case "save":
			epoch = number + Restarts()
			Tell(News{Network: network, Epoch: epoch, Saved: true})
		case "until": // ends if so many children were there before
			if Restarts() == number {
				fmt.Fprintln(stderr, "restarts:", Restarts())
				Exit(0)
			}
		case "die": // with a dump
			io.WriteString(os.Stderr, dumps[object])
			os.Exit(2)
		case "kill":
			syscall.Kill(os.Getpid(), syscall.Signal(number))
			select {}
		case "lose":
			Lose(object == "hangs")
			Exit(1)
		case "vanish":
			os.Exit(number)
		case "hang":
			hangs = true
			select {}
		case "stubborn":
			fmt.Println("ready")
			select {}
		case "wait":
			fmt.Println("ready")
			<-ctx.Done()
			by := signals.StoppedBy(ctx)
			fmt.Fprintln(stderr, "stopped by", by)
			Exit(by.Status())
		case "exit":
			Exit(number)
		}
	}
}

// command returns a parent and what it and its children write to standard error.
func command(t *testing.T, again bool, words string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, strings.Fields(words)...)
	c.Env = append(os.Environ(), fmt.Sprintf("%s=%v", asParent, again))
	var stderr bytes.Buffer
	c.Stderr = &stderr
	return c, &stderr
}

func TestRun(t *testing.T) {
	const place = "wgpucnn: the adapter was lost"
	for words, c := range map[string]struct {
		again  bool
		status int
		want   string // all of standard error
	}{
		"say:one noise:two exit:3": {true, 3, "one\ntwo\n"},
		"noise:runtime: exit:0":    {true, 0, "runtime:\n"},
		"adapter:GPU train:4 die:lost": {false, 1,
			"wgpucnn: GPU was lost after epoch 4 of max: run again, with a smaller batch if this repeats\n"},
		"until:1 adapter:GPU train:0 die:lost": {true, 0,
			"wgpucnn: GPU was lost in the first epoch of max: starting again, with submissions half as long\nrestarts: 1\n"},
		"adapter:GPU resume:say:again+exit:5 save:3 train:4 die:lost": {true, 5,
			"wgpucnn: GPU was lost after epoch 4 of max: going on from epoch 3, with submissions half as long\nagain\n"},
		"until:2 lose:lost":  {true, 0, strings.Repeat(place+": starting again, with submissions half as long\n", 2) + "restarts: 2\n"},
		"until:1 lose:hangs": {true, 0, "wgpucnn: the adapter hangs: starting again, with submissions half as long\nrestarts: 1\n"},
		"die:lost": {true, 1, strings.Repeat(place+": starting again, with submissions half as long\n", 3) +
			place + ", 4 times without a new checkpoint: choose a smaller batch or another adapter, or update the driver\n"},
		"save:1 until:5 die:c": {true, 0, func() (text string) { // each child has a checkpoint of one epoch more
			for epoch := range 5 {
				text += fmt.Sprintf("wgpucnn: the driver of the adapter failed after epoch %d of max (fatal error: unexpected signal during runtime execution): starting again, with submissions half as long\n", epoch+1)
			}
			return text + "restarts: 5\n"
		}()},
		"adapter:GPU resume:exit:0 die:memory": {true, 1,
			"wgpucnn: not enough memory left on GPU for the commands of a submission: close other programs that use it, or choose a smaller batch; RESUME goes on\n"},
		"die:panic":  {false, 1, "wgpucnn: the driver of the adapter failed (invalid adapter): run again, with a smaller batch if this repeats\n"},
		"die:crash":  {false, 1, "wgpucnn: the driver of the adapter failed (SIGSEGV: segmentation violation): run again, with a smaller batch if this repeats\n"},
		"die:ours":   {true, 2, dumps["ours"]},
		"die:stack":  {true, 2, dumps["stack"]},
		"die:locked": {true, 2, dumps["locked"]},
		"kill:9":     {true, 137, "wgpucnn: the process was ended by signal killed\n"},
		"kill:6":     {false, 1, "wgpucnn: the driver of the adapter failed (SIGABRT: abort): run again, with a smaller batch if this repeats\n"},
		"kill:2":     {true, 130, "wgpucnn: the process was ended by signal interrupt\n"},
		"vanish:0":   {false, 1, "wgpucnn: the driver of the adapter ended the process (exit status 0): run again, with a smaller batch if this repeats\n"},
		"hang": {false, 1,
			"wgpucnn: the driver of the adapter hangs (no answer for 4s): run again, with a smaller batch if this repeats\n"},
	} {
		t.Run(words, func(t *testing.T) {
			command, stderr := command(t, c.again, words)
			command.Run()
			if got := command.ProcessState.ExitCode(); got != c.status || stderr.String() != c.want {
				t.Errorf("status %d, %s; want %d, %s", got, stderr, c.status, c.want)
			}
		})
	}
}

// A signal that the parent alone gets stops the child. A child that does not stop, or whose driver does not
// answer, is killed.
func TestStop(t *testing.T) {
	for words, c := range map[string]struct {
		signals []syscall.Signal
		gap     time.Duration
		status  int
		want    string
	}{
		"wait":           {[]syscall.Signal{syscall.SIGTERM}, 0, 143, "stopped by terminated\n"},
		"adapter:G wait": {[]syscall.Signal{syscall.SIGINT, syscall.SIGINT}, 0, 130, "stopped by interrupt\n"}, // two different ones may change places
		"stubborn":       {[]syscall.Signal{syscall.SIGTERM, syscall.SIGINT}, time.Second, 143, "wgpucnn: stopped: ended by a second signal\n"},
	} {
		t.Run(words, func(t *testing.T) {
			command, stderr := command(t, true, words)
			stdout, err := command.StdoutPipe()
			if err == nil {
				err = command.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			stdout.Read(make([]byte, len("ready\n")))
			for _, signal := range c.signals {
				command.Process.Signal(signal)
				time.Sleep(c.gap)
			}
			io.Copy(io.Discard, stdout)
			command.Wait()
			if got := command.ProcessState.ExitCode(); got != c.status || stderr.String() != c.want {
				t.Errorf("status %d, %s; want %d, %s", got, stderr, c.status, c.want)
			}
		})
	}
}

// A signal is heard at once although the driver hangs.
func TestStopHanging(t *testing.T) {
	command, stderr := command(t, true, "adapter:GPU resume:exit:0 train:7 say:x hang")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	command.Process.Signal(syscall.SIGTERM)
	command.Wait()
	got := stderr.String()
	if command.ProcessState.ExitCode() != 143 || strings.Count(got, "\n") != 3 || !strings.Contains(got, "wgpucnn: stopping: GPU has not answered for ") ||
		!strings.HasSuffix(got, "wgpucnn: stopped: the driver of GPU hangs after epoch 7 of max (no answer for 2s); RESUME goes on\n") {
		t.Errorf("%v: %s", command.ProcessState, got)
	}
}

// A child ends with its parent, even if that is killed.
func TestParentKilled(t *testing.T) {
	command, _ := command(t, true, "stubborn")
	stdout, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	ready := make([]byte, len("ready\n"))
	if _, err := io.ReadFull(stdout, ready); err != nil {
		t.Fatal(err)
	}
	command.Process.Kill()
	if _, err := stdout.Read(ready); !errors.Is(err, io.EOF) { // the child held it open
		t.Errorf("got %v", err)
	}
	command.Wait()
}

// Lines pass in whatever pieces they come. Those of a dump are held, with an empty line before it. Those of wgpu
// about memory are left out.
func TestDump(t *testing.T) {
	var out bytes.Buffer
	d := dump{out: &out}
	for _, b := range []byte("a\n\n\nb\n" + dropped[0] + "c\n" + dropped[1] + "\n" + dumps["lost"] + "rest") {
		d.Write([]byte{b})
	}
	d.flush()
	kind, cause := d.cause()
	if out.String() != "a\n\n\nb\nc\n" || d.held.String() != dumps["lost"]+"rest" || kind != lost || cause != "Error in wgpuQueueSubmitForIndex: Validation Error Caused by: Parent device is lost" {
		t.Errorf("got %q, held %q: %d, %q", &out, &d.held, kind, cause)
	}
	for _, chunk := range []int{1000, mostHeld} {
		d.Write(bytes.Repeat([]byte("x\n"), chunk))
	}
	if d.held.Len() > mostHeld+2 {
		t.Errorf("%d bytes are held", d.held.Len())
	}
	// Without a dump an empty line at the end passes too.
	var all bytes.Buffer
	d = dump{out: &all}
	d.Write([]byte("a\n\n"))
	if d.flush(); all.String() != "a\n\n" {
		t.Errorf("got %q", &all)
	}
}
