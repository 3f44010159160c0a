//go:build !js

package guard

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"wgpucnn/cmd/wgpucnn/internal/signals"
)

// Tests set less of each.
var (
	// patience is how long a driver may leave a call without an answer. One step of a huge batch on a
	// software adapter took half a minute.
	patience     = 5 * time.Minute
	stopPatience = 20 * time.Second // the same after a signal has asked the command to stop
)

// parent watches one child after another.
type parent struct {
	args     []string       // of the next child
	again    bool           // a child that was lost is followed by another
	restarts int            // so far
	inRow    int            // those since the last new checkpoint
	told     News           // the newest of each kind
	saved    map[string]int // epochs of the last checkpoint of each network
	signals  chan os.Signal
	by       signals.Caught // the signal that asked for the end, 0 for none
}

// Run runs a command line of this program in a child and returns the exit status. If again, a child whose
// adapter is lost is followed by another. It always runs it here; in a browser it never does.
func Run(args []string, again bool) (status int, ran bool) {
	runtime.LockOSThread()         // on Linux a child ends with the thread that started it
	signal.Ignore(syscall.SIGPIPE) // see signals.Listen
	p := &parent{args: args, again: again, saved: map[string]int{}, signals: make(chan os.Signal, 8)}
	signals.Notify(p.signals)
	defer signal.Stop(p.signals)
	for {
		c, err := p.start()
		if err != nil {
			p.say(fmt.Sprintf("the process of the command does not start: %v", err))
			return 1, true
		}
		p.watch(c)
		if status, done := p.judge(c); done {
			return status, true
		}
	}
}

// child is a process that works.
type child struct {
	*exec.Cmd
	dump   dump
	news   chan message // closed after the last
	orders *os.File     // see order
	ended  chan error
	lost   string // what befell the adapter, if the child has told that
	done   bool   // the child has told that it ends by itself
	killed string // why the parent killed it, "" if it did not
}

// start starts a child.
func (p *parent) start() (*child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	newsFrom, newsTo, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer newsTo.Close()
	ordersFrom, ordersTo, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer ordersFrom.Close()
	c := &child{Cmd: exec.Command(program, p.args...), news: make(chan message), orders: ordersTo, ended: make(chan error, 1)}
	c.Args[0] = os.Args[0]
	c.dump.out = os.Stderr
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, &c.dump
	c.WaitDelay = time.Second // for what a process of the child's writes after its end
	c.Env = append(os.Environ(), variable+"="+pass(c.Cmd, os.Stderr, newsTo, ordersFrom)+fmt.Sprint(" ", p.restarts))
	if err := c.Start(); err != nil {
		newsFrom.Close()
		ordersTo.Close()
		return nil, err
	}
	go func() {
		defer newsFrom.Close()
		defer close(c.news)
		for from := json.NewDecoder(newsFrom); ; {
			var m message
			if from.Decode(&m) != nil {
				return
			}
			c.news <- m
		}
	}()
	go func() { c.ended <- c.Wait() }()
	return c, nil
}

// watch hears the child's news until it ends. It passes on the signals, and kills a child whose driver
// hangs.
func (p *parent) watch(c *child) {
	defer c.orders.Close()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	if p.by != 0 { // the signal came between two children
		c.order(p.by)
	}
	silent, asked := 0, 0 // ticks since the last word of the child, and since it was asked to stop
	for news, runs := c.news, true; runs || news != nil; {
		select {
		case m, ok := <-news:
			if !ok {
				news = nil
				break
			}
			silent = 0
			p.hear(c, m)
		case <-c.ended:
			runs = false
		case s := <-p.signals:
			switch by := signals.Caught(s.(syscall.Signal)); {
			case p.by == 0:
				p.by = by
				c.order(by)
				if silent > 2 {
					p.say(fmt.Sprintf("stopping: %s has not answered for %v: the command ends after %v more, or at once at a second signal",
						p.adapter(), time.Duration(silent)*tick, stopPatience))
				}
			case asked > 0 && p.by != signals.Caught(syscall.SIGHUP) && by != signals.Caught(syscall.SIGHUP):
				// The one within the first tick may be the same order again: timeout(1) signals the process
				// and then its group.
				c.kill("ended by a second signal" + p.place())
			}
		case <-ticker.C:
			// Ticks are counted, not the time: a stopped process has none.
			silent++
			if p.by != 0 {
				asked++
			}
			switch {
			case p.by != 0 && time.Duration(min(silent, asked))*tick >= stopPatience:
				c.kill(p.hangs(stopPatience))
			case time.Duration(silent)*tick >= patience:
				c.kill(p.hangs(patience))
			}
		}
	}
	c.dump.flush()
}

// order tells the child to stop as if it had got the signal itself. At Ctrl-C it gets that too.
func (c *child) order(by signals.Caught) { fmt.Fprintln(c.orders, int(by)) }

func (c *child) kill(why string) {
	c.killed = why
	c.Process.Kill()
}

// hear takes note of a child's news.
func (p *parent) hear(c *child, m message) {
	if m.Adapter != "" {
		p.told.Adapter = m.Adapter
	}
	if m.Resume != nil {
		p.told.Resume, p.told.Command = m.Resume, m.Command
	}
	if m.Network != "" {
		p.told.Network, p.told.Epoch = m.Network, m.Epoch
		if m.Saved && m.Epoch > p.saved[m.Network] {
			p.saved[m.Network], p.inRow = m.Epoch, 0
		}
	}
	c.lost += m.Lost
	c.done = c.done || m.Ended
}
