#include "support/bad_file.h"

#include <criterion/criterion.h>

void expect_reports(const struct bad *bad, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct memory_source memory = { 0 };
		struct machine machine = { 0 };
		struct buffer report = { 0 };

		small_machine_add(&memory);
		memory_source_add_quoted(&memory, "top.json", bad[i].top);
		for (size_t j = 0; j < 2 && bad[i].files[j].name; j++)
			memory_source_add_quoted(&memory, bad[i].files[j].name, bad[i].files[j].text);
		buffer_add_text(&report, "");
		load_with_report(&memory, "top", &machine, &report);
		cr_expect_str_eq(report.data, bad[i].report, "%s\nwanted:\n%s\nfound:\n%s", bad[i].top, bad[i].report,
		                 report.data);
		machine_release(&machine);
		memory_source_release(&memory);
		buffer_release(&report);
	}
}
