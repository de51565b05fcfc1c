"""What is wrong with a page for somebody who sees little, or nothing, or uses no mouse: scripts that a browser runs on it."""

# What of a page's text is too pale to read: WCAG 2.1 wants 4.5 to 1.
PALE = """
const light = (color) => {
  const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map((part) => part / 255)
    .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = (element) => {
  for (; element; element = element.parentElement) {
    const color = getComputedStyle(element).backgroundColor;
    if (!color.startsWith('rgba(') || !color.endsWith(' 0)')) return color;
  }
  return 'rgb(255, 255, 255)';
};
const pale = [];
let looked = 0;
for (const element of document.querySelectorAll('main, main *')) {
  if (!element.matches('input:not([type=checkbox]), select') && ![...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
  const [one, other] = [light(getComputedStyle(element).color), light(behind(element))];
  const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  looked += 1;
  if (ratio < 4.5) pale.push(`${element.tagName} ${element.className}: ${ratio.toFixed(2)}`);
}
return [looked, pale];
"""

# What somebody who does not see the page would miss: names of fields, one main heading, a language, a title.
MISSING = """
const missing = [];
for (const field of document.querySelectorAll('input:not([type=hidden]), select'))
  if (!field.labels.length) missing.push(`a label of ${field.id}`);
for (const button of document.querySelectorAll('button, a')) if (!button.innerText.trim()) missing.push('a button\\'s name');
if (document.documentElement.lang !== 'en') missing.push('the language');
if (!document.title) missing.push('the title');
if (document.querySelectorAll('h1').length !== 1) missing.push('one h1');
if (document.querySelectorAll('main').length !== 1) missing.push('one main');
if (document.compatMode !== 'CSS1Compat') missing.push('the doctype');
return missing;
"""

# Whether what has the focus is seen to have it.
SHOWS_FOCUS = """
const style = getComputedStyle(document.activeElement);
return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
"""

# What is read out along with the field that has the focus.
DESCRIPTION = """
return document.activeElement.getAttribute('aria-describedby').split(' ').map((id) => document.getElementById(id).innerText).join(' ');
"""
