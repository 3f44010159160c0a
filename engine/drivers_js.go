package engine

// driverHint returns what to do in a browser without an adapter.
func driverHint(string) string {
	return ": this browser offers no WebGPU here: use a current Chrome, Edge, Safari or Firefox on a page from https or localhost, with hardware acceleration"
}
