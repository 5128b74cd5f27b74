// SPDX-License-Identifier: Apache-2.0
// What a static program holds that does nothing: the measure for tools/cell_calls.py.
int main() { return 0; }
