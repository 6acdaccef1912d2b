package cpu

// pass is a set of passes. Every pass can be left out by itself, so that tests
// can hold that none changes a bit and benchmarks can measure what each gains;
// docs/engine.md describes them in this order.
type pass uint

const (
	passSimplify  pass = 1 << iota // identities, operations moved before broadcasts
	passFold                       // constants computed when compiling
	passMerge                      // equal nodes computed once
	passCluster                    // elementwise operations run as block programs
	passBroadcast                  // broadcasts read by index
	passPattern                    // chains of operations run as one instruction
	passSum                        // sums of rows run in the cluster of what they add up
	passMask                       // closed weights of masks with ascending degrees skipped
	passJoin                       // updates run with the product that is their gradient
	passEarly                      // updates made as soon as nothing reads the old value
	passInPlace                    // parameters overwritten as they are computed
	passHeir                       // operands overwritten by clusters
	passReuse                      // buffers used again

	passAll = passReuse<<1 - 1
)

var passNames = []struct {
	name string
	pass pass
}{
	{"simplify", passSimplify}, {"fold", passFold}, {"merge", passMerge}, {"cluster", passCluster}, {"broadcast", passBroadcast},
	{"pattern", passPattern}, {"sum", passSum}, {"mask", passMask},
	{"join", passJoin}, {"early", passEarly}, {"in place", passInPlace}, {"heir", passHeir}, {"reuse", passReuse},
}

// passes that an executor runs.
func (o Options) passes() pass {
	if o.NoFuse {
		return passMask | passReuse
	}
	return passAll &^ o.without
}

func (p pass) has(q pass) bool { return p&q != 0 }
