package cpu

import "github.com/surprisal-go/surprisal/internal/kern"

// joinUnits joins what becomes of a finished chain to one instruction where
// nothing else reads it: the end of the chain, the bias that is added to it, and
// a ReLU. An element then goes through the processor's registers, not from store
// to load three times, for which a draw would have to wait.
func joinUnits(code []resolved) []resolved {
	out := make([]resolved, 0, len(code))
	for i := 0; i < len(code); i++ {
		c := code[i]
		if c.is(kern.TapeEnd) && c.once && addsAll(&c.code, code[i+1:]) {
			continue
		}
		if n := len(out); n > 0 && c.is(kern.TapeRelu) && c.code.N == 1 && out[n-1].is(kern.TapeUnit) && out[n-1].once && out[n-1].code.Dst == c.code.A {
			out[n-1].code.Do, out[n-1].code.Dst, out[n-1].once = kern.TapeReluUnit, c.code.Dst, c.once
			continue
		}
		out = append(out, c)
	}
	return out
}

// addsAll finds the additions to all chains of an end, in the code that follows,
// and lets them end the chains. It reports false, and changes nothing, if it
// does not find them all.
func addsAll(end *kern.TapeCode, code []resolved) bool {
	adds := make([]*kern.TapeCode, 0, end.N)
	for at := end.Dst; at < end.Dst+end.N; at++ {
		for i := range code {
			c := &code[i]
			if c.code.N != 1 {
				continue
			}
			if c.is(kern.TapeAdd) && c.code.B == at && c.code.A != at {
				c.code.A, c.code.B = c.code.B, c.code.A
			}
			if c.is(kern.TapeAdd) && c.code.A == at {
				adds = append(adds, &c.code)
				break
			}
		}
	}
	if len(adds) < int(end.N) {
		return false
	}
	for _, c := range adds {
		c.Do = kern.TapeUnit
	}
	return true
}

func (r *resolved) is(op kern.TapeOp) bool { return r.do == oneTape && r.code.Do == op }

// once reports whether one operation alone reads v, by one of its operands.
func (b *stepBuilder) once(v *val) bool { return len(b.users[v]) == 1 && !b.isOutput(v) }
