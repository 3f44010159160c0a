package doctor

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"wgpucnn/engine"
)

// Watchdog is what the system does to a GPU that does not end its work.
type Watchdog struct {
	Seconds float64 `json:"seconds,omitempty"` // the longest submission; 0 if no figure is documented, or none holds
	What    string  `json:"what"`
	Source  string  `json:"source,omitempty"`
}

// watchdogs are the documented limits by the kernel's driver, or by the system. A value that the
// kernel shows replaces the figure.
var watchdogs = map[string]Watchdog{
	"amdgpu":  {10, "amdgpu resets the card", "docs.kernel.org, amdgpu module parameters: lockup_timeout of the graphics queue"},
	"i915":    {20, "i915 ends the submission; it ends one earlier that does not make way for another program", "Linux, drivers/gpu/drm/i915/Kconfig.profile: DRM_I915_REQUEST_TIMEOUT, DRM_I915_PREEMPT_TIMEOUT"},
	"xe":      {5, "xe resets the engine", "Linux, drivers/gpu/drm/xe/xe_hw_engine.c: job_timeout_ms"},
	"nouveau": {10, "nouveau ends the submission", "Linux, drivers/gpu/drm/nouveau/nouveau_sched.c: NOUVEAU_SCHED_JOB_TIMEOUT_MS"},
	"nvidia":  {0, "no figure is documented; on a card with an X screen the driver ends programs that hold it too long, unless Option \"Interactive\" is off", "NVIDIA, README of the Linux driver: X configuration options"},
	"windows": {2, "Windows resets the driver", "Microsoft, TDR registry keys: TdrDelay"},
	"darwin":  {0, "no figure is documented; Metal ends a command buffer that takes longer than the system allows", "Apple, MTLCommandBufferError.Code.timeout"},
}

// watchdog returns what is known of the limit for an adapter.
func (f Facts) watchdog(a engine.Adapter) Watchdog {
	key := f.System.OS
	card := f.card(a)
	switch {
	case a.Type == engine.CPU:
		return Watchdog{What: "none: the adapter computes on the CPU"}
	case card != nil:
		key = card.Module
	}
	w, known := watchdogs[key]
	if !known {
		return Watchdog{What: "not known for this driver"}
	}
	if card != nil && card.Limit != "" {
		first, _, _ := strings.Cut(card.Limit, ",")
		if ms, err := strconv.Atoi(first); err == nil && ms > 0 {
			w.Seconds = float64(ms) / 1e3
		} else if err == nil && ms < 0 {
			return Watchdog{What: "none: it is turned off", Source: w.Source}
		}
	}
	if w.Seconds > 0 {
		w.What = fmt.Sprintf("a submission of more than %v s: %s", w.Seconds, w.What)
	}
	return w
}

// limit returns the limit of a submission that the kernel shows for a card, in milliseconds, or "".
// amdgpu has several by commas, that of the graphics queue first.
func (m Machine) limit(module, folder string) string {
	switch module {
	case "amdgpu":
		return m.text("sys/module/amdgpu/parameters/lockup_timeout")
	case "xe":
		return m.text(path.Join(folder, "tile0/gt0/engines/rcs/job_timeout_ms"))
	}
	return ""
}

// card returns the card that an adapter is, or nil if that is not certain.
func (f Facts) card(a engine.Adapter) *Card {
	var found *Card
	for i, c := range f.Cards {
		if c.Vendor != a.Vendor || a.Vendor == 0 || a.Device != 0 && c.Device != a.Device {
			continue
		}
		if found != nil && found.Module != c.Module {
			return nil
		}
		if found == nil {
			found = &f.Cards[i]
		}
	}
	return found
}
