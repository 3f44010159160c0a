package engine

// driverHint returns what to do in a browser without an adapter.
func driverHint(string) string {
	return ": this browser offers no WebGPU here: use a current Chrome, Edge, Safari or Firefox on a page from https or localhost, with hardware acceleration"
}

// BrokenDrivers returns nothing: a browser keeps its drivers to itself.
func BrokenDrivers() string { return "" }

// DriverFiles returns none, for the same reason.
func DriverFiles() (variable string, files []string) { return "", nil }
