/* Why: what a client sent may come back in a page. Nothing of it may be taken for the page's own, wherever it stands. */
#include "core/html.h"

#include <criterion/criterion.h>

static void expect(struct span text, const char *wanted)
{
	struct buffer out = { 0 };

	buffer_add_text(&out, ">");
	html_add(&out, text);
	buffer_add_text(&out, "<");
	cr_expect_str_eq(out.data, wanted);
	buffer_release(&out);
}

Test(html, leaves_what_is_plain)
{
	expect(span_of(""), "><");
	expect(span_of("a = b; \n\xC3\xA9"), ">a = b; \n\xC3\xA9<");
}

Test(html, escapes_what_would_end_a_text_or_a_value)
{
	expect(span_of("&"), ">&amp;<");
	expect(span_of("<a title=\"x\">it's</a>"), ">&lt;a title=&quot;x&quot;&gt;it&#39;s&lt;/a&gt;<");
	expect(span_of("&lt;&&plain"), ">&amp;lt;&amp;&amp;plain<");
}

Test(html, reads_no_further_than_it_was_told)
{
	expect((struct span){ "ab<c", 2 }, ">ab<");
	expect((struct span){ "ab<c", 3 }, ">ab&lt;<");
}
