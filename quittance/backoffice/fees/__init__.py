"""What payers pay on top for a way to pay: the rules, dated; none unless somebody writes one."""
