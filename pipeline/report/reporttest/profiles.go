package reporttest

import (
	"fmt"
	"strings"
)

// stacks are what the baseline's profiler counted, and how the kept changes move it.
var stacks = []struct {
	path          string
	base          int
	hashes, arena int // samples with the change
}{
	{"guest::main", 40, 40, 40},
	{"guest::main;validate_block", 60, 60, 58},
	{"guest::main;validate_block;Trie::hash_no_commit", 80, 90, 76},
	{"guest::main;validate_block;Trie::hash_no_commit;Node::memoize_hashes", 408, 340, 381},
	{"guest::main;validate_block;Trie::hash_no_commit;Node::memoize_hashes;keccak256", 1800, 1320, 1800},
	{"guest::main;validate_block;Trie::hash_no_commit;Node::memoize_hashes;keccak256;keccak::f1600", 1400, 1010, 1400},
	{"guest::main;validate_block;Trie::hash_no_commit;Node::memoize_hashes;rlp::encode_node", 650, 440, 502},
	{"guest::main;validate_block;Trie::hash_no_commit;Node::memoize_hashes;rlp::encode_node;memcpy", 310, 190, 120},
	{"guest::main;validate_block;Trie::hash_no_commit;Node::memoize_hashes;Cache::get_or_init", 0, 130, 0},
	{"guest::main;validate_block;Trie::hash_no_commit;Arena::alloc", 0, 0, 60},
	{"guest::main;validate_block;Trie::hash_no_commit;NibbleSlice::cmp", 220, 230, 219},
	{"guest::main;validate_block;LEVM::execute_tx", 210, 210, 210},
	{"guest::main;validate_block;LEVM::execute_tx;VM::run_execution", 500, 510, 500},
	{"guest::main;validate_block;LEVM::execute_tx;VM::run_execution;op_sload", 390, 380, 391},
	{"guest::main;validate_block;LEVM::execute_tx;VM::run_execution;op_sload;HashMap::get", 260, 260, 258},
	{"guest::main;validate_block;LEVM::execute_tx;VM::run_execution;op_keccak256;keccak256", 240, 240, 240},
	{"guest::main;validate_block;LEVM::execute_tx;VM::run_execution;op_mstore;memcpy", 110, 110, 110},
	{"guest::main;validate_block;LEVM::execute_tx;VM::run_execution;U256::mulmod", 190, 190, 190},
	{"guest::main;validate_block;LEVM::execute_tx;precompile::ecrecover;k256::recover", 590, 590, 590},
	{"guest::main;validate_block;LEVM::execute_tx;precompile::ecrecover;k256::recover;field::mul", 410, 410, 412},
	{"guest::main;validate_block;LEVM::execute_tx;precompile::bn254;pairing", 300, 300, 300},
	{"guest::main;validate_block;rkyv::deserialize", 150, 150, 150},
	{"guest::main;validate_block;rkyv::deserialize;memcpy", 230, 230, 230},
	{"guest::main;validate_block;StatelessInput::witness;alloc::malloc", 160, 190, 24},
}

// folded writes one column of the stacks as a profiler would.
func folded(column int) string {
	var b strings.Builder
	for _, s := range stacks {
		if n := []int{s.base, s.hashes, s.arena}[column]; n > 0 {
			fmt.Fprintf(&b, "%s %d\n", s.path, n)
		}
	}
	return b.String()
}
