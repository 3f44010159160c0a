// Package guard runs a command in a child process of the same program and watches it. wgpu aborts its
// process at many errors of a driver, and a driver may hang or crash. The parent survives that: it says
// in one line what happened, and starts a child that goes on from the last checkpoint.
//
// Four ways lead from one process to the other. The child has the standard input and output of the
// parent. It gets the parent's standard error as a file of its own, so it sees a terminal there. Its own
// standard error is a pipe: wgpu, Go and drivers write their dumps there, and the parent keeps them from
// the user. Through a second pipe the child tells the parent its news, through a third one the parent
// tells the child to stop. The child ends with its parent.
package guard

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/signals"
)

// MostRestarts is how often in a row a command is started again without a new checkpoint.
const MostRestarts = 3

// tick is the time from one look at the child to the next. The child tells as often that it goes on. Tests set less.
var tick = time.Second

// variable is the environment variable by which a process knows that it is a child: the three files that
// pass gave it, and the number of restarts.
const variable = "WGPUCNN_GUARD"

// News is what a child tells its parent. Fields that are not set tell nothing.
type News struct {
	Adapter string   `json:",omitempty"` // its name
	Resume  []string `json:",omitempty"` // the command line that goes on with the work
	Command string   `json:",omitempty"` // the same for the user, in quotes
	Network string   `json:",omitempty"` // in training
	Epoch   int      `json:",omitempty"` // its last finished one
	Saved   bool     `json:",omitempty"` // a checkpoint of that epoch is there
}

// message is one line from the child to the parent.
type message struct {
	News
	Lost  string `json:",omitempty"` // what befell the adapter
	Ended bool   `json:",omitempty"` // the last message of a child that ends by itself
}

// link is a child's end of the way to its parent.
type link struct {
	mu       sync.Mutex
	news     *os.File
	restarts int
}

// self is the way from this process to its parent, nil if it has none.
var self *link

// Join makes this process the child that Run has started. It returns the standard error of the user. It
// returns false if Run has not started the process.
//
// The parent may call stop, as a signal does. calls tells whether calls of a driver wait now and how many
// have ended: while some wait and none ends, the parent gets no sign of life.
func Join(stop context.CancelCauseFunc, calls func() (waiting bool, ended int64)) (stderr *os.File, joined bool) {
	words := strings.Fields(os.Getenv(variable))
	if len(words) != 4 {
		return os.Stderr, false
	}
	os.Unsetenv(variable) // of the programs that this one starts
	files, err := receive(words[:3])
	if err != nil {
		return os.Stderr, false
	}
	restarts, err := strconv.Atoi(words[3])
	if err != nil {
		return os.Stderr, false
	}
	stderr, orders := files[0], files[2]
	self = &link{news: files[1], restarts: restarts}
	go func() {
		for lines := bufio.NewScanner(orders); lines.Scan(); {
			if by, err := strconv.Atoi(lines.Text()); err == nil {
				stop(signals.Caught(by))
			}
		}
		os.Exit(1) // the parent has ended
	}()
	go beat(calls)
	return stderr, true
}

// beat tells the parent every second that this process goes on.
func beat(calls func() (waiting bool, ended int64)) {
	_, before := calls()
	for range time.Tick(tick) {
		waiting, ended := calls()
		if !waiting || ended != before {
			tell(message{})
		}
		before = ended
	}
}

// Joined tells whether this process is a child.
func Joined() bool { return self != nil }

// Restarts returns how many children before this one lost their adapter.
func Restarts() int {
	if self == nil {
		return 0
	}
	return self.restarts
}

// Tell tells the parent news, if there is a parent. Any goroutine may call it.
func Tell(n News) { tell(message{News: n}) }

// Lose tells the parent that the adapter was lost, or that its driver hangs. The process must end then.
func Lose(hangs bool) {
	what := "was lost"
	if hangs {
		what = "hangs"
	}
	tell(message{Lost: what})
}

// Exit ends this process. The parent returns the same status.
func Exit(status int) {
	tell(message{Ended: true})
	os.Exit(status)
}

func tell(m message) {
	if self == nil {
		return
	}
	line, _ := json.Marshal(m)
	self.mu.Lock()
	defer self.mu.Unlock()
	self.news.Write(append(line, '\n'))
}
