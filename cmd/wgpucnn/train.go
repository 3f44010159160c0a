package main

import (
	"context"
	"fmt"

	"wgpucnn/cmd/wgpucnn/internal/cmdline"
	"wgpucnn/cmd/wgpucnn/internal/guard"
	"wgpucnn/cmd/wgpucnn/internal/manual"
	"wgpucnn/cmd/wgpucnn/internal/runs"
	"wgpucnn/cmd/wgpucnn/internal/terminal"
	"wgpucnn/engine/window"
)

func trainHelp() string {
	var s settings
	return `wgpucnn train trains the lab's networks on a GPU and compares them.

usage: wgpucnn train [FLAG]...

The lab: a convolutional network of three layers learns to tell three classes of
32 x 32 pictures apart, in four variants that reduce the last maps differently:

  base    AvgPool2d(4)
  stride  a second convolution of stride 2, no pool
  max     AdaptiveMaxPool2d
  avg     AdaptiveAvgPool2d

--net trains other networks instead, by name or as a text. "wgpucnn help nets"
explains them.

Data: "builtin" needs no network; its pictures of apples, forests and palm trees
are drawn by this program, not photographed. "cifar100" is downloaded once, 169
MB, and kept in your cache folder. Your own data may be class folders of pictures,
CIFAR-10 or CIFAR-100, an archive of these, or an npz: "wgpucnn help datasets".
--normalize data normalises by the training rows, not by the lab's numbers.

The best variant is chosen by test accuracy, as in the lab. That makes its test
accuracy look better than it is. --validation 0.1 holds out a tenth of the
training rows and chooses by them.

` + manual.Flags(trainFlags(&s)) + `
A run leaves in its folder: config.json; for each variant metrics.csv (loss and
accuracy of each epoch), model.safetensors (weights), model.onnx, report.txt,
curves.png and evaluation.json (label and prediction of every row, the surest
mistakes with their pictures). For the run it leaves summary.md, summary.json,
report.html (a page with all results) and best, a link to the best variant or a
copy of it. The figures of an epoch are means over its batches. The comparison
counts every row once.

--optimizer sgd is stochastic gradient descent with momentum. --optimizer adamw
is Adam with decoupled weight decay, the betas 0.9 and 0.999, and eps 1e-8. Both
are those of torch.optim. --optimizer muon changes the weights of convolutions
by Muon, with --lr and --muon-momentum, and all other parameters by sgd, with
--sgd-lr, --momentum and --nesterov. --weight-decay is for weights alone: biases
do not decay without --decay-biases. Muon's weights do not decay. --clip-norm
scales the gradients of a step down if their norm, that of all together, is
greater.

--recipe lab is the lab: the defaults of all flags. --recipe strong is for
accuracy on photographs. It sets these flags, unless you give them yourself:

` + recipeHelp("strong") + `
What depends on --optimizer or --schedule is left alone if you choose another
one. The run prints the flags that its recipe has set, and keeps them in
config.json.

--schedule says how the learning rate goes from step to step. With cosine it
rises to --lr in --warmup epochs, and then falls to 0. --warmup-share 0.1 has it
rise in a tenth of the steps, and takes each step at its middle. With onecycle
it rises from a 25th of --lr in the first 30 % of the steps, and then falls to
nearly 0. With steps it is multiplied by --gamma after every --step-epochs
epochs.

--label-smoothing, --class-weights and --mixup change the loss of the training
steps, as torch.nn.CrossEntropyLoss has it. Test figures are those of plain
cross-entropy. --label-smoothing 0.1 takes a tenth of each target from its class
and gives it to all classes alike. --class-weights balanced gives rare classes
more weight: rows / (classes x rows of the class), counted in the training rows.
Numbers stand in the order of the classes. --mixup 0.4 makes each training row a
mixture of two rows of its batch, in picture and target. A step draws its share
from Beta(0.4, 0.4); --seed decides it. A row counts as right if the prediction
is its own class, whatever was mixed in.

--flip, --shift and --cutout change the training pictures at random, in each
epoch anew. --flip random mirrors half of them, left to right. With alternating,
a picture that was mirrored in one epoch is not mirrored in the next. --shift
moves a picture by up to so many pixels; its border is filled by reflection.
--cutout sets a square to the mean colour. Test pictures never change. --seed
decides the changes.

--seeds 0-9 trains each network from ten seeds, into folders such as
max/seed-3. A run from a list leaves the weights that the same seed alone leaves.
The comparison shows every run, the mean of each network with its interval, and
which networks differ by more than chance: by the exact sign-flip test of the
differences by seed, with Holm's correction. A network is called best only if
it is above each other one by that test. --shard 2/10 trains the second tenth of
the list, for arrays of jobs; wgpucnn report makes one run of the parts. --jobs 2
trains two variants at once. It needs two adapters of the same name and driver.

--patience 10 ends a variant after ten epochs without a better evaluation.
--keep best keeps the weights of the best epoch. The best epoch has the highest
accuracy in metrics.csv on the validation rows, and among equals the lowest
loss. Without --validation, --patience looks at the test rows. That makes the
test accuracy look better than it is. --keep best therefore needs --validation.

Ctrl-C stops a run and keeps what its finished epochs produced. SIGTERM, a
terminal that closes, and a pipe that nobody reads do the same.

--resume goes on with a run that was stopped or killed, from the last checkpoint
of each variant. On the same adapter it ends with the weights of a run that
never stopped, to the last bit. It keeps the settings of the run. Beside it you
may give a larger --epochs, and any --adapter, --backend, --checkpoint-every,
--window, --redraw-every, --quiet, --verbose and --log. If the pictures or the
weights were moved, --data and --init say where they are now. The run keeps the
new place. With a larger --epochs, --schedule cosine and onecycle spread over
all epochs anew. The finished epochs are not trained again. If a finished run
lacks files, --resume makes them. It trains a variant again if its checkpoint is
missing.

A variant saves a checkpoint every --checkpoint-every epochs, and at the end of
an epoch if the last one is 30 seconds old. If the adapter is lost, because its
driver was reset, crashed or hangs, the run says so in one line and goes on from
the last checkpoint, with submissions half as long. It gives up after three times
in a row without a new checkpoint. The weights are those of a run that nothing
disturbed. A driver hangs if it has not answered for five minutes, or for 20
seconds after Ctrl-C. A second Ctrl-C ends the run at once.

--log writes a line when the run begins, for each epoch, for each variant's
result, and when the run ends, with the status finished, stopped or failed. With
--log - these lines go to standard output. The comparison then goes to standard
error, beside the progress; other output is left out.

  wgpucnn train                                     the built-in pictures
  wgpucnn train --window                            watch them being learnt
  wgpucnn train --data cifar100                     the lab as it was
  wgpucnn train --data cifar100 --classes rose,tulip,orchid --pooling avg,max
  wgpucnn train --data DIR --epochs 30 --seed 1 --out runs/one
  wgpucnn train --optimizer adamw --lr 1e-3 --weight-decay 0.01 --schedule onecycle
  wgpucnn train --data cifar100 --flip alternating --shift 4 --cutout 8
  wgpucnn train --net avg --net 'tiny: conv 8, relu, pool max 4'
  wgpucnn train --recipe strong --data DIR --net medium --epochs 45
  wgpucnn train --label-smoothing 0.1 --mixup 0.4
  wgpucnn train --init net.safetensors --pooling avg
  wgpucnn train --seeds 0-9 --pooling max,avg --shard 1/4 --out runs/part-1
  wgpucnn train --resume runs/one --epochs 60
`
}

// runTrain trains the variants that the flags name.
func runTrain(ctx context.Context, args []string, out streams) error {
	var s settings
	flags := trainFlags(&s)
	if err := cmdline.Parse(flags, args); err != nil {
		return err
	}
	if !flags.Changed("resume") {
		if err := s.follow(flags); err != nil {
			return err
		}
	}
	if err := s.check(flags); err != nil {
		return err
	}
	s.absolute()
	s.command = s.commandLine(flags)
	stdout := out.out
	if s.log == runs.LogToStdout {
		out.out = out.err // no other line may stand between those of the log
	}
	if flags.Changed("resume") {
		var err error
		if s, err = resume(flags, s.resume); err != nil {
			return err
		}
		if runs.Complete(s.out, s.names(), s.epochs) && !flags.Changed("data") && !flags.Changed("init") {
			if err := runs.MendResults(s.out, s.names(), out.err); err != nil {
				return fmt.Errorf("train: --resume %s: %w", s.out, err)
			}
			terminal.Say(out.out, "%s is complete, %d epochs of %s; --epochs trains for more\n", s.out, s.epochs, s.describeUnits())
			return nil
		}
	}
	s.watched = watchedBy(flags)
	if s.window {
		if err := window.Check(); err != nil {
			return windowError(err)
		}
	}
	log, err := runs.OpenLog(s.log, stdout, guard.Restarts() > 0)
	if err != nil {
		return err
	}
	err = s.run(ctx, log, out)
	if lost(err) {
		return err // the run has not ended
	}
	return log.End(err)
}

// run trains, and writes what happens to a log.
func (s settings) run(ctx context.Context, log *runs.Log, out streams) error {
	r, err := newRun(ctx, s, out)
	if err != nil {
		return err
	}
	defer r.release()
	r.log = log
	if s.window {
		return r.watch(ctx)
	}
	return r.train(ctx)
}
