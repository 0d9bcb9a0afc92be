"""What is asked: who the agents are, what may happen, what a mechanism must satisfy. Exact, frozen, solver-free."""
