// LEMON's NetworkSimplex on DIMACS files: the yardstick. "--wide" computes in 64 bits.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <lemon/dimacs.h>
#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

// The process's own high-water mark; ru_maxrss would begin with its parent's.
static long peak_kb()
{
	std::ifstream in("/proc/self/status");
	std::string word;
	long kb = 0;
	while (in >> word)
		if (word == "VmHWM:")
			in >> kb;
	return kb;
}

template <typename V> static void solve(const char *path)
{
	typedef lemon::SmartDigraph G;
	std::ifstream in(path);
	G g;
	G::ArcMap<V> lower(g), upper(g), cost(g);
	G::NodeMap<V> supply(g);
	lemon::readDimacsMin(in, g, lower, upper, cost, supply);
	auto begin = std::chrono::steady_clock::now();
	lemon::NetworkSimplex<G, V> ns(g);
	ns.lowerMap(lower).upperMap(upper).costMap(cost).supplyMap(supply);
	auto status = ns.run();
	long long total = ns.template totalCost<long long>();
	double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
	printf("{\"status\":\"%s\",\"cost\":%lld,\"seconds\":%.6f,\"peak_kb\":%ld}\n",
		status == ns.OPTIMAL ? "optimal" : "other", total, s, peak_kb());
}

int main(int argc, char **argv)
{
	bool is_wide = argc > 1 && !strcmp(argv[1], "--wide");
	for (int i = is_wide ? 2 : 1; i < argc; i++)
		is_wide ? solve<long long>(argv[i]) : solve<int>(argv[i]);
}
