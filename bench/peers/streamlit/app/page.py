"""The checkup in Streamlit: a script that runs anew for each tap, with two pages."""

import streamlit as st
from answers import ITEMS, LABELS, WORDS, new_participant, save_answer

here = st.session_state
here.setdefault("participant", new_participant())
here.setdefault("number", None)


def begin() -> None:
    """Show the first question."""
    here.number = 0


def keep() -> None:
    """Save the answer to the question on the screen."""
    n = here.number
    save_answer(here.participant, ITEMS[n]["key"], here[f"answer_{n}"])


def go_on() -> None:
    """Show the next question; the last one stays."""
    here.number = min(here.number + 1, len(ITEMS) - 1)


def show_checkup() -> None:
    """Introduce the checkup, or ask the question whose turn it is."""
    st.title(WORDS["title"])
    if here.number is None:
        st.write(WORDS["why"])
        st.button("Begin", key="begin", on_click=begin)
    else:
        st.write(WORDS["timeframe"])
        n = here.number
        answer = st.radio(
            ITEMS[n]["text"],
            list(LABELS),
            index=None,
            format_func=LABELS.get,
            key=f"answer_{n}",
            on_change=keep,
        )
        if answer is not None:
            with st.container(key="status"):
                st.caption("Saved")
        st.button("Next", key="next", on_click=go_on)
    with st.container(key="there"):
        st.page_link(welcome)


def show_welcome() -> None:
    """The second page."""
    st.title(WORDS["other"]["title"])
    st.write(WORDS["other"]["why"])
    with st.container(key="back"):
        st.page_link(checkup)


checkup = st.Page(show_checkup, title=WORDS["title"], default=True)
welcome = st.Page(show_welcome, title=WORDS["other"]["title"], url_path="welcome")
st.navigation([checkup, welcome]).run()
